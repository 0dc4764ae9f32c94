/**
 * How to cite the paper.
 *
 * @module
 */

/** BibTeX of the paper that the pipeline replicates. */
export const PAPER_BIBTEX = `@inproceedings{anagnostidis2023curious,
  title     = {The Curious Case of Benign Memorization},
  author    = {Anagnostidis, Sotiris and Bachmann, Gregor and Noci, Lorenzo and Hofmann, Thomas},
  booktitle = {International Conference on Learning Representations},
  year      = {2023},
  note      = {arXiv:2210.14019}
}`;
