/**
 * The data of the toy example (paper, Appendix E): a mixture of Gaussians in a signal subspace, and
 * noise in the rest, which alone the augmentations change.
 *
 * @module
 */
import type { RandomStream } from "../random/random.ts";
import { type Matrix, matrix } from "../metrics/matrix.ts";

/** The distribution of the samples and of their views. */
export interface ToyDistribution {
  /** d, the dimension of a sample. */
  readonly dimensions: number;
  /** d1 < d: the first coordinates, which carry the class. */
  readonly signalDimensions: number;
  /** C. */
  readonly classes: number;
  /**
   * sigma: the noise and its augmentation have variance sigma^2 a coordinate, the clusters a tenth
   * of it (Sigma2 = Sigma3 = 10 Sigma1 = sigma^2 I). Cluster centres have variance 1.
   */
  readonly sigma: number;
}

/** Samples with the true class of each. */
export interface ToySamples {
  /** Shape [n, d]. */
  readonly features: Matrix;
  /** z, uniform over the classes, shape [n]. */
  readonly labels: Int32Array;
}

/** Draws the cluster centres mu, standard normal, shape [C, d1]. */
export function drawCentres(
  { classes, signalDimensions }: ToyDistribution,
  stream: RandomStream,
): Float32Array {
  return Float32Array.from({ length: classes * signalDimensions }, () => stream.normal());
}

/** Draws samples: x[:d1] ~ N(mu_z, Sigma1), x[d1:] ~ N(0, Sigma2). */
export function drawSamples(
  { dimensions, signalDimensions, classes, sigma }: ToyDistribution,
  centres: Float32Array,
  count: number,
  stream: RandomStream,
): ToySamples {
  const labels = Int32Array.from({ length: count }, () => stream.integer(classes));
  const spread = sigma / Math.sqrt(10);
  const values = Float32Array.from({ length: count * dimensions }, (_, i) => {
    const coordinate = i % dimensions;
    if (coordinate >= signalDimensions) return sigma * stream.normal();
    const label = labels[Math.floor(i / dimensions)];
    return centres[label * signalDimensions + coordinate] + spread * stream.normal();
  });
  return { features: matrix(values, dimensions), labels };
}

/**
 * Draws B fixed views of each sample: x + a, with a[:d1] = 0 and a[d1:] ~ N(0, Sigma3).
 *
 * @returns Shape [n B, d]; view b of sample i is row i B + b.
 */
export function drawViews(
  { dimensions, signalDimensions, sigma }: ToyDistribution,
  samples: Matrix,
  views: number,
  stream: RandomStream,
): Matrix {
  const values = Float32Array.from({ length: samples.values.length * views }, (_, i) => {
    const coordinate = i % dimensions;
    const sample = Math.floor(i / (dimensions * views));
    const original = samples.values[sample * dimensions + coordinate];
    return coordinate < signalDimensions ? original : original + sigma * stream.normal();
  });
  return matrix(values, dimensions);
}
