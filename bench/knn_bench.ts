/**
 * The time of a K-NN probe against scikit-learn's brute force on the same rows and one thread:
 * `knn` with the backend's matrix product, as the stages run it, `knn/typescript` with our own.
 *
 * @module
 */
import { knnProbe } from "../lib/metrics/knn.ts";
import { matMul as typescriptMatMul } from "../lib/metrics/mat_mul.ts";
import { type MatMul, type Matrix, matrix } from "../lib/metrics/matrix.ts";
import { runtimeMatMul } from "../lib/metrics/runtime_mat_mul.ts";
import { RandomSource } from "../lib/random/random.ts";
import { openRuntime } from "../lib/tensorflow/open.ts";
import { type Absence, Baseline, type Bench, compare, type Measurement } from "./bench.ts";

/** As many embeddings as a ResNet18 makes of a fifth of CIFAR-10. */
const BANK_ROWS = 10_000;
const QUERY_ROWS = 1_000;
const COLUMNS = 512;
const CLASSES = 10;
const NEIGHBOURS = 20;

export const benches: Bench[] = [
  { name: "knn", run: ({ rounds }) => measureBackend("knn", rounds) },
  {
    name: "knn/typescript",
    run: ({ rounds }) =>
      measure("knn/typescript", "product in TypeScript", typescriptMatMul, rounds),
  },
];

async function measureBackend(bench: string, rounds: number): Promise<Measurement[]> {
  const runtime = await openRuntime({ backend: "tensorflow", threads: 1 });
  try {
    const { backend, device } = runtime.info;
    return await measure(bench, `${backend} on ${device}`, runtimeMatMul(runtime), rounds);
  } finally {
    runtime.close();
  }
}

async function measure(
  bench: string,
  product: string,
  matMul: MatMul,
  rounds: number,
): Promise<Measurement[]> {
  const bank = drawRows(BANK_ROWS, "bank"), queries = drawRows(QUERY_ROWS, "queries");
  const task = { bank, bankLabels: labels(bank), queries, queryLabels: labels(queries) };
  const folder = await Deno.makeTempDir();
  try {
    const baseline = await startBaseline(folder, bank, queries);
    using _ = baseline instanceof Baseline ? baseline : null;
    const { accuracy } = await knnProbe(task, { neighbours: NEIGHBOURS, matMul });
    requireEqualAccuracy(baseline, accuracy);
    const ours = async () => {
      const start = performance.now();
      await knnProbe(task, { neighbours: NEIGHBOURS, matMul });
      return performance.now() - start;
    };
    return [await compare({ bench, rounds, ours, baseline, note: product })];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function startBaseline(
  folder: string,
  bank: Matrix,
  queries: Matrix,
): Promise<Baseline | Absence> {
  const paths: string[] = [];
  for (const [name, { values }] of Object.entries({ bank, queries })) {
    const path = `${folder}/${name}`;
    await Deno.writeFile(path, new Uint8Array(values.buffer as ArrayBuffer));
    paths.push(path);
  }
  const sizes = [COLUMNS, CLASSES, NEIGHBOURS].map(String);
  return await Baseline.python("scikit-learn", "sklearn_knn.py", [...paths, ...sizes]);
}

/** Times are only compared of probes that agree; the baseline's description ends with its result. */
function requireEqualAccuracy(baseline: Baseline | Absence, accuracy: number): void {
  const expected = `accuracy ${accuracy.toFixed(3)}`;
  if (baseline instanceof Baseline && !baseline.description.endsWith(expected)) {
    throw new Error(
      `Cannot compare two probes as both must reach the same accuracy: current value is ` +
        `'${baseline.description}' against ours, ${expected}`,
    );
  }
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
