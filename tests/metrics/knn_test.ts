import assert from "node:assert/strict";
import { chanceAccuracy } from "../../lib/metrics/chance.ts";
import { knnProbe, vote } from "../../lib/metrics/knn.ts";
import { matMul } from "../../lib/metrics/mat_mul.ts";
import { type MatMul, type Matrix, matrix, sliceRows } from "../../lib/metrics/matrix.ts";
import { NeighbourSearch } from "../../lib/metrics/neighbours.ts";
import { productRounding } from "../../lib/metrics/product_rounding.ts";
import { RandomSource } from "../../lib/random/random.ts";
import { roundToTf32, truncateToTf32 } from "../tensorflow/tf32.ts";
import { hashedSamples, type HashedSetting, readGolden } from "./hashed_data.ts";

interface KnnCase extends HashedSetting {
  readonly name: string;
  readonly bank: number;
  readonly queries?: number;
  readonly neighbours: number;
  readonly self: "include" | "exclude";
  readonly predictions: number[];
  readonly indices: number[];
  readonly accuracy: number;
}

/** The golden cases of scikit-learn's KNeighborsClassifier. */
for (const golden of readGolden<KnnCase[]>("knn")) {
  Deno.test(`predictions and neighbours equal scikit-learn's: ${golden.name}`, async () => {
    const bank = hashedSamples(golden, 0, golden.bank);
    const queries = golden.queries === undefined
      ? bank
      : hashedSamples(golden, golden.bank, golden.queries);
    const result = await knnProbe({
      bank: bank.features,
      bankLabels: bank.labels,
      queries: queries.features,
      queryLabels: queries.labels,
    }, golden);
    assert.deepEqual([...result.predictions], golden.predictions);
    assert.deepEqual([...result.neighbours.indices], golden.indices);
    assert.equal(result.accuracy, golden.accuracy);
    assert.deepEqual(
      [...result.correct],
      golden.predictions.map((label, i) => label === queries.labels[i] ? 1 : 0),
    );
  });
}

/** A product as a fast library makes it: every operation rounded to single precision. */
const singlePrecision: MatMul = (a, b, { m, k, n }) => {
  const result = new Float32Array(m * n);
  for (let i = 0; i < m * n; i++) {
    let sum = 0;
    for (let c = 0; c < k; c++) {
      sum = Math.fround(sum + Math.fround(a[Math.floor(i / n) * k + c] * b[(i % n) * k + c]));
    }
    result[i] = sum;
  }
  return result;
};

const collapsed = { classes: 10, columns: 128, pull: 0.5, scale: 2 ** -11, offset: 1 };

Deno.test("a product in single precision finds the same neighbours in a nearly collapsed layer", async () => {
  const { features } = hashedSamples(collapsed, 0, 200);
  const exact = await search(features, [features]);
  const rounded = await search(features, [features], singlePrecision);
  assert.deepEqual(rounded.indices, exact.indices);
  assert.deepEqual(rounded.squaredDistances, exact.squaredDistances);
});

Deno.test("an asynchronous product serves as well", async () => {
  const { features } = hashedSamples(collapsed, 0, 50);
  const delayed: MatMul = (a, b, shape) => Promise.resolve(matMul(a, b, shape));
  const result = await search(features, [features], delayed);
  assert.deepEqual(result.indices, (await search(features, [features])).indices);
});

Deno.test("a product that is less accurate than single precision is refused, not believed", async () => {
  const { features } = hashedSamples({ ...collapsed, scale: 1 }, 0, 60);
  const coarse: MatMul = (a, b, shape) =>
    matMul(a.map((x) => Math.round(x * 1024) / 1024), b, shape);
  await assert.rejects(search(features, [features], coarse), /must be accurate to .*is off by/);
});

for (const [rounding, toTf32] of Object.entries({ roundToTf32, truncateToTf32 })) {
  Deno.test(`a product that rounds its operands finds the same neighbours: ${rounding}`, async () => {
    const { features } = hashedSamples({ ...collapsed, scale: 2 ** -4 }, 0, 200);
    const rounded: MatMul = (a, b, shape) => matMul(a.map(toTf32), b.map(toTf32), shape);
    assert.deepEqual(
      await search(features, [features], rounded),
      await search(features, [features]),
    );
  });
}

Deno.test("a bank that streams by in pieces gives what the whole bank gives", async () => {
  const { features } = hashedSamples({ ...collapsed, scale: 1 }, 0, 301);
  const pieces = [[0, 7], [7, 8], [8, 190], [190, 301]];
  const streamed = await search(
    features,
    pieces.map(([start, end]) => sliceRows(features, start, end)),
  );
  assert.deepEqual(streamed, await search(features, [features]));
});

Deno.test("equally near rows count in the bank's order, across pieces as well", async () => {
  const one = [1, 2], other = [-2, 1];
  const bank = matrix(Float32Array.from([other, one, one, other, one, one, one].flat()), 2);
  const query = matrix(Float32Array.from(one), 2);
  for (const cut of [0, 2, 3, 5]) {
    const search = new NeighbourSearch(query, { neighbours: 3 });
    await search.add(sliceRows(bank, 0, cut));
    await search.add(sliceRows(bank, cut, 7));
    assert.deepEqual([...search.result().indices], [1, 2, 4]);
  }
});

Deno.test("a vote that is tied goes to the smallest label, wherever it stands", () => {
  const neighbours = {
    neighbours: 4,
    indices: Int32Array.of(0, 1, 2, 3, 3, 2, 1, 0, 1, 1, 1, 0),
    squaredDistances: new Float64Array(12),
  };
  assert.deepEqual([...vote(neighbours, [7, 2, 7, 2])], [2, 2, 2]);
  assert.deepEqual([...vote(neighbours, [9, 5, 3, 4])], [3, 3, 5]);
});

Deno.test("noise scores what chance predicts, without the own row and with it", async () => {
  const stream = new RandomSource(5).stream("noise");
  const features = matrix(Float32Array.from({ length: 1000 * 8 }, () => stream.normal()), 8);
  const labels = Int32Array.from({ length: 1000 }, () => stream.integer(10));
  const task = { bank: features, bankLabels: labels, queries: features, queryLabels: labels };
  const excluded = await knnProbe(task, { self: "exclude" });
  const included = await knnProbe(task, { self: "include" });
  // Four standard deviations over data sets (0.0117, measured on 30 of them).
  const chance = (self: "include" | "exclude") =>
    chanceAccuracy({ classes: 10, neighbours: 20, self });
  assert.ok(Math.abs(excluded.accuracy - chance("exclude")) < 0.047, `${excluded.accuracy}`);
  assert.ok(Math.abs(included.accuracy - chance("include")) < 0.047, `${included.accuracy}`);
});

Deno.test("the own row is left out even when a duplicate of it stays", async () => {
  const bank = matrix(Float32Array.of(1, 0, 1, 0, 0, 1), 2);
  const search = new NeighbourSearch(bank, { neighbours: 1, leftOut: Int32Array.of(0, 1, 2) });
  await search.add(bank);
  assert.deepEqual([...search.result().indices], [1, 0, 0]);
});

Deno.test("a row of zeros stays at the origin, at distance 1 from every other", async () => {
  const bank = matrix(Float32Array.of(0, 0, 0, 4, -1, 0), 2);
  const search = new NeighbourSearch(matrix(Float32Array.of(0, 0, 0, 8), 2), { neighbours: 3 });
  await search.add(bank);
  const { indices, squaredDistances } = search.result();
  assert.deepEqual([...indices], [0, 1, 2, 1, 0, 2]);
  const expected = [0, 1, 1, 0, 1, 2];
  squaredDistances.forEach((d, i) => assert.ok(Math.abs(d - expected[i]) < 1e-12));
});

Deno.test("a row of zeros is equally far from all others, and takes them in the bank's order", async () => {
  const { features } = hashedSamples(
    { classes: 5, columns: 7, pull: 1, scale: 1, offset: 0 },
    0,
    60,
  );
  features.values.fill(0, 40 * 7, 41 * 7);
  const search = new NeighbourSearch(matrix(new Float32Array(7), 7), { neighbours: 30 });
  await search.add(features);
  const { indices, squaredDistances } = search.result();
  assert.deepEqual([...indices], [40, ...Array.from({ length: 29 }, (_, row) => row)]);
  assert.deepEqual([...squaredDistances], [0, ...Array(29).fill(1)]);
});

Deno.test("65,536 columns are searched in blocks of bounded size", async () => {
  const columns = 65536;
  const bank = matrix(new Float32Array(300 * columns).fill(2), columns);
  const sizes: number[] = [];
  // Equal rows: every product of two of unit length is 1, and every distance 0.
  const watched: MatMul = (a, b, { m, n }) => {
    sizes.push(a.length, b.length);
    return new Float32Array(m * n).fill(1);
  };
  await productRounding(watched);
  sizes.length = 0;
  const { indices, squaredDistances } = await search(sliceRows(bank, 0, 2), [bank], watched);
  assert.deepEqual([...indices], [...indices].map((_, i) => i % 20));
  assert.ok(squaredDistances.every((distance) => distance === 0));
  assert.deepEqual(sizes, [2, 256, 2, 44].map((rows) => rows * columns));
});

Deno.test("impossible settings are refused with their values", async () => {
  const bank = matrix(new Float32Array(30).fill(1), 3);
  const labels = new Int32Array(10);
  const task = { bank, bankLabels: labels, queries: bank, queryLabels: labels };
  await assert.rejects(knnProbe(task), /Cannot find 20 neighbours.*10 rows/);
  await assert.rejects(
    knnProbe(task, { neighbours: 10, self: "exclude" }),
    /beside the one left out: current value is 10 rows/,
  );
  await assert.rejects(knnProbe(task, { neighbours: 0 }), /positive integer: current value is 0/);
  await assert.rejects(knnProbe({ ...task, bankLabels: [1] }), /'bank'.*10 rows with 1 labels/);
  await assert.rejects(
    knnProbe({ ...task, queries: sliceRows(bank, 0, 9), queryLabels: new Int32Array(9) }, {
      self: "exclude",
    }),
    /9 queries against 10 bank rows/,
  );
  await assert.rejects(
    knnProbe({ ...task, queries: matrix(new Float32Array(20), 2) }),
    /\[10, 3\] against \[10, 2\]/,
  );
});

Deno.test("a value that is not finite is refused with its place", async () => {
  const values = new Float32Array(12).fill(1);
  values[7] = NaN;
  const search = new NeighbourSearch(matrix(new Float32Array(3).fill(1), 3));
  await assert.rejects(search.add(matrix(values, 3)), /NaN at row 2, column 1/);
});

async function search(queries: Matrix, bank: Matrix[], product?: MatMul) {
  const search = new NeighbourSearch(queries, { matMul: product });
  for (const piece of bank) await search.add(piece);
  return search.result();
}
