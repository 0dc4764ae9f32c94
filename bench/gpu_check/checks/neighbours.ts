/**
 * The search for nearest neighbours: with the device's products it finds, row by row, what our own
 * products in double precision find.
 *
 * @module
 */
import { matMul } from "../../../lib/metrics/mat_mul.ts";
import { type MatMul, type Matrix, matrix } from "../../../lib/metrics/matrix.ts";
import { type Neighbours, NeighbourSearch } from "../../../lib/metrics/neighbours.ts";
import { runtimeMatMul } from "../../../lib/metrics/runtime_mat_mul.ts";
import { RandomSource } from "../../../lib/random/random.ts";
import { openRuntime } from "../../../lib/tensorflow/open.ts";
import { type Check, note } from "../check.ts";

/** As many embeddings as a ResNet18 makes of CIFAR-10's test set. */
const SIZES = {
  full: { bank: 10_000, queries: 1000, columns: 512 },
  reduced: { bank: 2000, queries: 200, columns: 512 },
};
/** A nearly collapsed layer: all rows point in one direction, and differ in their last bits. */
const SPREAD = 2 ** -6;

const neighbours: Check = async ({ scale, say }) => {
  const { bank, queries, columns } = SIZES[scale];
  const rows = {
    bank: drawRows("bank", bank, columns),
    queries: drawRows("queries", queries, columns),
  };
  const runtime = await openRuntime();
  const product = runtimeMatMul(runtime);
  say(`${queries} queries among ${bank} rows of ${columns} values`);
  await search(rows, product);
  const start = performance.now();
  const found = await search(rows, product);
  const milliseconds = performance.now() - start;
  const expected = await search(rows, matMul);
  const different = found.indices.reduce(
    (count, index, i) => count + (index === expected.indices[i] ? 0 : 1),
    0,
  );
  return {
    findings: [
      {
        what: `neighbours that differ from those in double precision, of ${found.indices.length}`,
        value: different,
        expected: "none",
        status: different === 0 ? "ok" : "problem",
      },
      note(`the search on ${runtime.info.device}`, milliseconds, "ms"),
    ],
  };
};

async function search(
  { bank, queries }: { bank: Matrix; queries: Matrix },
  matMul: MatMul,
): Promise<Neighbours> {
  const search = new NeighbourSearch(queries, { matMul });
  await search.add(bank);
  return search.result();
}

function drawRows(purpose: string, rows: number, columns: number): Matrix {
  const stream = new RandomSource(0).stream(`gpu-check ${purpose}`);
  const values = Float32Array.from({ length: rows * columns }, () => 1 + SPREAD * stream.normal());
  return matrix(values, columns);
}

export default neighbours;
