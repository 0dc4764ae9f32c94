/**
 * What the training of a grid costs: multiplications counted from the networks' shapes, and the
 * time on a number of GPUs when whole runs are the pieces, the longest first, as the engine does.
 *
 * @module
 */
import type { EncoderConfig } from "../lib/nn/network/encoder.ts";

/** Multiply-adds of an encoder for one image of `side` x `side` with 3 channels, forwards. */
export function encoderMultiplyAdds(config: EncoderConfig, side: number): number {
  if (config.kind === "mlp") return dense([side * side * 3, ...config.widths]);
  let [area, inputs, sum] = [(side / (config.stemStride ?? 1)) ** 2, 3, 0];
  const convolve = (outputs: number, size: 1 | 3) => {
    sum += area * inputs * outputs * size ** 2;
    inputs = outputs;
  };
  if (config.kind === "vgg") {
    for (const group of config.groups) {
      for (const outputs of group) convolve(outputs, 3);
      area /= 4;
    }
    return sum;
  }
  convolve(config.widths[0], 3);
  for (const [group, width] of config.widths.entries()) {
    for (let block = 0; block < config.blocks[group]; block++) {
      const before = inputs;
      if (group > 0 && block === 0) area /= 4;
      convolve(width, 3);
      convolve(width, 3);
      // The shortcut's projection, where the shape changes.
      if (before !== width) sum += area * before * width;
    }
  }
  return sum;
}

/** Multiply-adds of fully connected layers. */
export function dense(widths: readonly number[]): number {
  return widths.slice(1).reduce((sum, width, i) => sum + widths[i] * width, 0);
}

/** Floating-point operations of a training step for one image: two a multiply-add, thrice forwards. */
export function trainingFlops(multiplyAdds: number): number {
  return 6 * multiplyAdds;
}

/** When the last of independent runs ends, each on one of `gpus`, the longest first. */
export function makespan(durations: readonly number[], gpus: number): number {
  const ends = new Array<number>(gpus).fill(0);
  for (const duration of [...durations].sort((a, b) => b - a)) {
    ends[ends.indexOf(Math.min(...ends))] += duration;
  }
  return Math.max(...ends);
}
