/**
 * The time of a view under the paper's full augmentation against torchvision's on Pillow images:
 * `augment-full` at CIFAR's 32 x 32, its variants at other sizes. Both sides have the same images
 * at hand in memory and use one thread; the values that they draw differ. What torchvision spends on
 * each call is the same at every size, and Pillow's loops over pixels are C: the larger the images,
 * the smaller our lead.
 *
 * @module
 */
import { Augmenter } from "../lib/augment/policy/augmenter.ts";
import { imageBytes } from "../lib/augment/image/image.ts";
import { parsePolicy, type TransformPolicy } from "../lib/augment/policy/policy.ts";
import { RandomSource } from "../lib/random/random.ts";
import { Baseline, type Bench, compare, type Measurement } from "./bench.ts";

const IMAGES = 64;
/** Views of an image in a round. */
const VIEWS = 16;

export const benches: Bench[] = [
  { name: "augment-full", run: ({ rounds }) => measure("augment-full", 32, rounds) },
  ...[16, 64, 96].map((side): Bench => {
    const name = `augment-full/size-${side}`;
    return { name, run: ({ rounds }) => measure(name, side, rounds) };
  }),
];

async function measure(bench: string, side: number, rounds: number): Promise<Measurement[]> {
  const images = drawImages(side);
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeFile(file, images);
    const args = [file, `${side}`, `${VIEWS}`];
    const baseline = await Baseline.python("torchvision", "torchvision_full.py", args);
    using _ = baseline instanceof Baseline ? baseline : null;
    const ours = oneRound(images, side);
    const measurement = await compare({ bench, rounds, ours, baseline, unit: "us a view" });
    return [measurement];
  } finally {
    await Deno.remove(file);
  }
}

/** Our side: all views of all images, each round with views of its own; microseconds per view. */
function oneRound(images: Uint8Array, side: number): () => number {
  const size = { height: side, width: side };
  const policy = parsePolicy("full") as TransformPolicy;
  const random = new RandomSource(42);
  const augmenter = new Augmenter({ policy, random, input: size, output: size });
  const bytes = imageBytes(size);
  const out = new Uint8Array(bytes);
  let firstView = 0;
  return () => {
    const start = performance.now();
    for (let index = 0; index < IMAGES; index++) {
      const image = images.subarray(index * bytes, (index + 1) * bytes);
      for (let view = firstView; view < firstView + VIEWS; view++) {
        augmenter.view(image, index, view, out);
      }
    }
    firstView += VIEWS;
    return (performance.now() - start) * 1000 / (IMAGES * VIEWS);
  };
}

/** Coloured waves with some noise, as smooth and as saturated as photographs. */
function drawImages(side: number): Uint8Array<ArrayBuffer> {
  const pixels = side * side;
  const images = new Uint8Array(IMAGES * pixels * 3);
  for (let index = 0; index < IMAGES; index++) {
    const stream = new RandomSource(0).stream("bench images", index);
    const waves = Array.from({ length: 3 }, () => ({
      x: stream.uniformBetween(-8, 8) / side,
      y: stream.uniformBetween(-8, 8) / side,
      phase: stream.uniformBetween(0, 6),
    }));
    for (let i = 0; i < pixels * 3; i++) {
      const { x, y, phase } = waves[i % 3];
      const column = Math.floor(i / 3) % side;
      const row = Math.floor(i / 3 / side);
      const wave = Math.sin(x * column + y * row + phase);
      images[index * pixels * 3 + i] = 128 + 90 * wave + stream.uniformBetween(-20, 20);
    }
  }
  return images;
}
