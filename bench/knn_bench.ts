/**
 * The time of a K-NN probe against scikit-learn's brute force on the same rows and one thread:
 * `knn` with the backend's matrix product, as the stages run it, `knn/typescript` with our own. The
 * sides take turns; the ratio is the median of the rounds' ratios.
 *
 * @module
 */
import { knnProbe } from "../lib/metrics/knn.ts";
import { matMul as typescriptMatMul } from "../lib/metrics/mat_mul.ts";
import { type MatMul, type Matrix, matrix } from "../lib/metrics/matrix.ts";
import { runtimeMatMul } from "../lib/metrics/runtime_mat_mul.ts";
import { RandomSource } from "../lib/random/random.ts";
import { openRuntime } from "../lib/tensorflow/open.ts";
import type { Bench, Measurement } from "./bench.ts";

/** A ResNet18's embeddings of a fifth of CIFAR-10. */
const BANK_ROWS = 10_000;
const QUERY_ROWS = 1_000;
const COLUMNS = 512;
const CLASSES = 10;
const NEIGHBOURS = 20;

export const benches: Bench[] = [
  {
    name: "knn",
    run: async ({ rounds }) => {
      const runtime = await openRuntime({ threads: 1 });
      try {
        const { backend, device } = runtime.info;
        return [await measure("knn", `${backend} on ${device}`, runtimeMatMul(runtime), rounds)];
      } finally {
        runtime.close();
      }
    },
  },
  {
    name: "knn/typescript",
    run: async ({ rounds }) => [
      await measure("knn/typescript", "plain TypeScript", typescriptMatMul, rounds),
    ],
  },
];

async function measure(
  bench: string,
  product: string,
  matMul: MatMul,
  rounds: number,
): Promise<Measurement> {
  const bank = drawRows(BANK_ROWS, "bank"), queries = drawRows(QUERY_ROWS, "queries");
  const theirs = await ScikitLearn.start(bank, queries);
  try {
    await probe(bank, queries, matMul);
    const times: { ours: number; theirs: number | null }[] = [];
    for (let round = 0; round < rounds; round++) {
      const start = performance.now();
      const sum = await probe(bank, queries, matMul);
      const ours = performance.now() - start;
      times.push({ ours, theirs: await theirs?.probe(sum) ?? null });
    }
    return {
      bench,
      ours: median(times.map((time) => time.ours)),
      baseline: theirs?.description ?? "scikit-learn (absent)",
      theirs: theirs && median(times.map((time) => time.theirs!)),
      ratio: theirs && median(times.map((time) => time.ours / time.theirs!)),
      rounds,
      note: theirs ? `${product}; equal predictions` : "BENCH_PYTHON has no scikit-learn",
    };
  } finally {
    await theirs?.stop();
  }
}

/** Predicts all queries and returns the sum of the predictions. */
async function probe(bank: Matrix, queries: Matrix, matMul: MatMul): Promise<number> {
  const task = { bank, bankLabels: labels(bank), queries, queryLabels: labels(queries) };
  const { predictions } = await knnProbe(task, { neighbours: NEIGHBOURS, matMul });
  return predictions.reduce((sum, label) => sum + label, 0);
}

function labels({ rows }: Matrix): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => row % CLASSES);
}

/** Activations after a ReLU around a centre for each class, which a probe gets half right. */
function drawRows(count: number, purpose: string): Matrix {
  const stream = new RandomSource(0).stream(`knn bench ${purpose}`);
  const values = Float32Array.from({ length: count * COLUMNS }, (_, i) => {
    const label = Math.floor(i / COLUMNS) % CLASSES;
    return Math.max(0, stream.normal() + 0.3 * Math.sin(7 * label + 3 * (i % COLUMNS)));
  });
  return matrix(values, COLUMNS);
}

/** The Python process that answers with the time of one probe. */
class ScikitLearn {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";
  description = "";

  private constructor(child: Deno.ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    this.#writer = child.stdin.getWriter();
    this.#reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Returns null where BENCH_PYTHON is unset or its Python has no scikit-learn. */
  static async start(bank: Matrix, queries: Matrix): Promise<ScikitLearn | null> {
    const python = Deno.env.get("BENCH_PYTHON");
    if (python === undefined) return null;
    const folder = await Deno.makeTempDir();
    for (const [name, { values }] of Object.entries({ bank, queries })) {
      const { buffer, byteOffset, byteLength } = values;
      await Deno.writeFile(`${folder}/${name}`, new Uint8Array(buffer, byteOffset, byteLength));
    }
    const script = new URL("baselines/sklearn_knn.py", import.meta.url).pathname;
    const sizes = [COLUMNS, CLASSES, NEIGHBOURS].map(String);
    const child = new Deno.Command(python, {
      args: [script, `${folder}/bank`, `${folder}/queries`, ...sizes],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const side = new ScikitLearn(child, folder);
    const description = await side.#readLine();
    if (description === null) {
      await side.stop();
      return null;
    }
    side.description = description;
    return side;
  }

  /** The milliseconds of one probe, whose predictions must have the given sum. */
  async probe(sum: number): Promise<number> {
    await this.#writer.write(new TextEncoder().encode("\n"));
    const [milliseconds, theirSum] = (await this.#readLine() ?? "").split(" ").map(Number);
    if (theirSum !== sum) {
      throw new Error(
        `Cannot compare the times of two probes as their predictions must agree: current value ` +
          `is a sum of ${sum} against ${theirSum}`,
      );
    }
    return milliseconds;
  }

  async stop(): Promise<void> {
    // A process that has ended already has closed its side of the pipe.
    await this.#writer.close().catch(() => {});
    await this.#child.status;
    await this.#reader.cancel();
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #readLine(): Promise<string | null> {
    while (!this.#text.includes("\n")) {
      const { value, done } = await this.#reader.read();
      if (done) return null;
      this.#text += value;
    }
    const [line, ...rest] = this.#text.split("\n");
    this.#text = rest.join("\n");
    return line;
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
