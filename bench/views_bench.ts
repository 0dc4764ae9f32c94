/**
 * Views in Arrow files. `views-batch` reads a random batch of 256 views of 32 x 32 from a file of
 * 50,000 x 8, as training does, against NumPy's copies from the file as pyarrow maps it into memory,
 * and as a variant against pyarrow's own `take`; the limit is 2 ms.
 * `views-write` runs the stage `augment` for 50,000 x 8 views under the full policy, on all cores,
 * against what bounds it: making the same views, or writing the same bytes, and nothing else;
 * `views-write/memory` is the stage's peak, whose limit is 500 MB. `views-write/workers` compares the
 * stage with two threads, each making views, with one that does all; and measures its peak with six,
 * the most that it starts.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TableFile } from "../lib/arrow/reader.ts";
import { imageSchema, viewSchema } from "../lib/tables/schemas.ts";
import { TableWriter } from "../lib/arrow/writer.ts";
import { viewsOf } from "../lib/nn/training/view_table.ts";
import { RandomSource } from "../lib/random/random.ts";
import { Baseline, type Bench, compare, type Measurement, median } from "./bench.ts";

const SAMPLES = 50_000;
const VIEWS = 8;
const SHAPE = [32, 32, 3] as const;
const IMAGE_BYTES = 32 * 32 * 3;
/** Rows of a record batch: 4 MiB. */
const ROWS = 1365;
const BATCH_SIZE = 256;
const BATCHES = 50;
/** A round of `views-write` takes half a minute. */
const MOST_WRITE_ROUNDS = 3;
const MEMORY_LIMIT_MB = 500;
const THREADS = navigator.hardwareConcurrency;
const MOST_THREADS = 6;

export const benches: Bench[] = [
  { name: "views-batch", run: ({ rounds }) => measureReading(rounds) },
  { name: "views-write", run: ({ rounds }) => measureWriting(rounds) },
  { name: "views-write/workers", run: ({ rounds }) => measureWorkers(rounds) },
];

async function measureReading(rounds: number): Promise<Measurement[]> {
  return await withFolder(async (folder) => {
    const path = join(folder, "views.arrow");
    writeViews(path);
    using table = TableFile.open(path, viewSchema);
    const ours = batchReader(table);
    const measurements: Measurement[] = [];
    for (const [bench, method] of [["views-batch", "numpy"], ["views-batch/take", "take"]]) {
      const args = [path, `${BATCH_SIZE}`, method];
      const baseline = await Baseline.python("pyarrow", "pyarrow_views.py", args);
      using _ = baseline instanceof Baseline ? baseline : null;
      measurements.push(await compare({ bench, rounds, ours, baseline, unit: "ms a batch" }));
    }
    return measurements;
  });
}

/** One round of reading: the median milliseconds of a batch. */
function batchReader(table: TableFile<typeof viewSchema.columns>): () => number {
  const { source } = viewsOf(table, Array.from({ length: SAMPLES }, (_, i) => i));
  const stream = new RandomSource(0).stream("bench batches");
  const out = new Uint8Array(BATCH_SIZE * IMAGE_BYTES);
  return () => {
    const times = Array.from({ length: BATCHES }, () => {
      const samples = Int32Array.from({ length: BATCH_SIZE }, () => stream.integer(SAMPLES));
      const views = samples.map(() => stream.integer(VIEWS));
      const start = performance.now();
      source.gather(samples, views, out);
      return performance.now() - start;
    });
    return median(times);
  };
}

function writeViews(path: string): void {
  const writer = new TableWriter(path, viewSchema, { shapes: { image: SHAPE } });
  const images = randomBytes(ROWS * IMAGE_BYTES);
  for (let start = 0; start < SAMPLES * VIEWS; start += ROWS) {
    const count = Math.min(ROWS, SAMPLES * VIEWS - start);
    const row = Int32Array.from({ length: count }, (_, i) => start + i);
    writer.append({
      index: row.map((each) => each % SAMPLES),
      view: row.map((each) => Math.floor(each / SAMPLES)),
      image: images.subarray(0, count * IMAGE_BYTES),
    });
  }
  writer.close();
}

async function measureWriting(rounds: number): Promise<Measurement[]> {
  return await withFolder(async (folder) => {
    const images = join(folder, "images.arrow");
    writeImages(images);
    const turns = Math.min(rounds, MOST_WRITE_ROUNDS);
    const sides: Side[][] = [];
    for (let turn = 0; turn < turns; turn++) {
      const stage = await runSide("stage", images, folder);
      const views = await runSide("views", images, folder);
      const bytes = await runSide("bytes", images, folder);
      sides.push([stage, views.seconds > bytes.seconds ? views : bytes]);
    }
    return [
      timesOf("views-write", `only what bounds it: ${sides[0][1].does}, ${THREADS} threads`, sides),
      memoryOf("views-write/memory", sides.map(([stage]) => stage), THREADS),
    ];
  });
}

async function measureWorkers(rounds: number): Promise<Measurement[]> {
  return await withFolder(async (folder) => {
    const images = join(folder, "images.arrow");
    writeImages(images);
    const turns = Math.min(rounds, MOST_WRITE_ROUNDS);
    const sides: Side[][] = [];
    const largest: Side[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const one = await runSide("stage", images, folder, 1);
      sides.push([await runSide("stage", images, folder, 2), one]);
      largest.push(await runSide("stage", images, folder, MOST_THREADS));
    }
    return [
      timesOf("views-write/workers", "one thread that does all", sides),
      memoryOf("views-write/memory-6", largest, MOST_THREADS),
    ];
  });
}

/** The times of pairs of sides, the first of each against the second. */
function timesOf(bench: string, baseline: string, sides: readonly Side[][]): Measurement {
  const microseconds = (side: number) =>
    median(sides.map((turn) => turn[side].seconds)) * 1e6 / (SAMPLES * VIEWS);
  return {
    bench,
    ours: microseconds(0),
    baseline,
    theirs: microseconds(1),
    ratio: median(sides.map(([ours, theirs]) => ours.seconds / theirs.seconds)),
    rounds: sides.length,
    unit: "us a view",
  };
}

function memoryOf(bench: string, sides: readonly Side[], threads: number): Measurement {
  const megabytes = median(sides.map(({ peakBytes }) => peakBytes)) / 1e6;
  return {
    bench,
    ours: megabytes,
    baseline: "the limit",
    theirs: MEMORY_LIMIT_MB,
    ratio: megabytes / MEMORY_LIMIT_MB,
    rounds: sides.length,
    unit: "MB",
    note: `peak resident set of the stage's process, ${threads} threads`,
  };
}

function writeImages(path: string): void {
  const writer = new TableWriter(path, imageSchema, {
    shapes: { image: SHAPE },
    metadata: { label: { class_names: "[]" } },
  });
  const image = randomBytes(1000 * IMAGE_BYTES);
  for (let start = 0; start < SAMPLES; start += 1000) {
    const index = Int32Array.from({ length: 1000 }, (_, i) => start + i);
    writer.append({ index, image, label: index });
  }
  writer.close();
}

/** What a process of views_write_side.ts says of its work. */
interface Side {
  readonly does: string;
  readonly seconds: number;
  readonly peakBytes: number;
}

async function runSide(
  what: string,
  images: string,
  folder: string,
  threads = THREADS,
): Promise<Side> {
  const side = fileURLToPath(new URL("./views_write_side.ts", import.meta.url));
  const own = await Deno.makeTempDir({ dir: folder });
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", side, what, images, `${VIEWS}`, `${threads}`, own],
  }).output();
  const decoder = new TextDecoder();
  await Deno.remove(own, { recursive: true });
  if (code !== 0) throw new Error(`Cannot measure "${what}": ${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout).trim().split("\n").at(-1)!);
}

function randomBytes(length: number): Uint8Array {
  const stream = new RandomSource(0).stream("bench bytes");
  return Uint8Array.from({ length }, () => stream.integer(256));
}

async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
