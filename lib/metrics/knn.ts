/**
 * K-nearest-neighbour probing: how well a class can be read off the neighbourhood in a layer's
 * activations (paper, Section 3 "Probing", K = 20). The settings are those of the authors' code:
 * rows of unit length, Euclidean distance, uniform majority vote.
 *
 * A *clean* probe has the train set with its true labels as bank and the test set as queries; a
 * *noisy* probe has the train set with its random labels as bank and as queries, each query's own
 * row left out (`self: "exclude"`), or else even pure noise would score above chance.
 *
 * @module
 */
import type { Matrix } from "./matrix.ts";
import { type NeighbourOptions, type Neighbours, NeighbourSearch } from "./neighbours.ts";

/** Labels: integers from 0; shape [N]. */
export type Labels = ArrayLike<number>;

/** A bank with its labels and the queries with theirs. */
export interface KnnTask {
  /** Shape [N, D], finite. */
  readonly bank: Matrix;
  /** Shape [N]. */
  readonly bankLabels: Labels;
  /** Shape [M, D], finite. */
  readonly queries: Matrix;
  /** Shape [M]. */
  readonly queryLabels: Labels;
}

/** Settings of {@link knnProbe}. */
export interface KnnOptions extends Omit<NeighbourOptions, "leftOut"> {
  /**
   * Whether a query's own row may be its neighbour. "exclude" demands that queries and bank are
   * the same rows in the same order; "include" takes the bank as it is. @default {"include"}
   */
  self?: "include" | "exclude";
}

/** The outcome of a probe over M queries. */
export interface ProbeResult {
  /** The predicted labels, shape [M]. */
  readonly predictions: Int32Array;
  /** 1 where the prediction is the query's label, else 0, shape [M]; for bootstrap intervals. */
  readonly correct: Uint8Array;
  /** The share of correct predictions, in [0, 1]. */
  readonly accuracy: number;
}

/**
 * Predicts each query's label by the majority of its K nearest bank rows. Of equally near rows the
 * one earlier in the bank is nearer; of labels with equally many votes the smallest wins. The
 * predictions are those of scikit-learn's `KNeighborsClassifier`; where rows are exactly equally near,
 * as in a collapsed layer, those of its brute force (`algorithm="brute"`): its trees take such rows
 * in another order.
 *
 * @returns The outcome, with the neighbours (for picture grids).
 * @throws {RangeError} If labels and rows differ in number, columns differ, the bank has fewer than
 * K rows to choose from, or a value is not finite.
 */
export async function knnProbe(
  task: KnnTask,
  options: KnnOptions = {},
): Promise<ProbeResult & { readonly neighbours: Neighbours }> {
  const { bank, bankLabels, queries, queryLabels } = task;
  const { self = "include", ...searchOptions } = options;
  requireLabels("bank", bank, bankLabels);
  requireLabels("queries", queries, queryLabels);
  if (self === "exclude" && queries.rows !== bank.rows) {
    throw new RangeError(
      `Cannot leave each query out of the bank as both must be the same rows: current value is ` +
        `${queries.rows} queries against ${bank.rows} bank rows`,
    );
  }
  const leftOut = self === "exclude"
    ? Int32Array.from({ length: queries.rows }, (_, row) => row)
    : undefined;
  const search = new NeighbourSearch(queries, { ...searchOptions, leftOut });
  await search.add(bank);
  const neighbours = search.result();
  return { neighbours, ...scorePredictions(vote(neighbours, bankLabels), queryLabels) };
}

/**
 * The label that most of each query's neighbours bear; the smallest of those with equally many.
 *
 * @param bankLabels Shape [N]: the labels of the bank that was searched.
 * @returns Shape [M].
 */
export function vote({ neighbours: count, indices }: Neighbours, bankLabels: Labels): Int32Array {
  const predictions = new Int32Array(indices.length / count);
  const votes = new Map<number, number>();
  for (let query = 0; query < predictions.length; query++) {
    votes.clear();
    for (let i = query * count; i < (query + 1) * count; i++) {
      const label = bankLabels[indices[i]];
      votes.set(label, (votes.get(label) ?? 0) + 1);
    }
    predictions[query] = winner(votes);
  }
  return predictions;
}

/**
 * Compares predictions with labels.
 *
 * @param predictions Shape [M], M at least 1.
 * @param labels Shape [M].
 */
export function scorePredictions(predictions: Int32Array, labels: Labels): ProbeResult {
  const correct = Uint8Array.from(predictions, (label, i) => label === labels[i] ? 1 : 0);
  const hits = correct.reduce((sum, hit) => sum + hit, 0);
  return { predictions, correct, accuracy: hits / correct.length };
}

/**
 * Checks that every row has a label.
 *
 * @throws {RangeError} If their numbers differ or there are none.
 */
export function requireLabels(name: string, rows: Matrix, labels: Labels): void {
  if (rows.rows === 0 || rows.rows !== labels.length) {
    throw new RangeError(
      `Cannot probe as '${name}' must have at least one row and a label for each: ` +
        `current value is ${rows.rows} rows with ${labels.length} labels`,
    );
  }
}

function winner(votes: ReadonlyMap<number, number>): number {
  let best = -1;
  let bestVotes = 0;
  for (const [label, count] of votes) {
    if (count > bestVotes || (count === bestVotes && label < best)) {
      best = label;
      bestVotes = count;
    }
  }
  return best;
}
