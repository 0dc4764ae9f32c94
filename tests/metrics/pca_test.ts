import assert from "node:assert/strict";
import { symmetricEigen } from "../../lib/metrics/eigen.ts";
import { matrix } from "../../lib/metrics/matrix.ts";
import { principalComponents } from "../../lib/metrics/pca.ts";
import { RandomSource } from "../../lib/random/random.ts";
import { hashedSamples, type HashedSetting, largestDifference, readGolden } from "./hashed_data.ts";

interface PcaGolden extends HashedSetting {
  readonly rows: number;
  readonly directions: number[];
  readonly explained: number[];
  readonly scores: number[];
}

Deno.test("two components equal scikit-learn's, signs included", () => {
  const golden = readGolden<PcaGolden>("pca");
  const result = principalComponents(hashedSamples(golden, 0, golden.rows).features);
  assert.ok(largestDifference(result.directions, golden.directions) < 1e-7);
  assert.ok(largestDifference(result.scores, golden.scores) < 1e-6);
  assert.ok(largestDifference(result.explained, golden.explained) < 1e-12);
});

Deno.test("flipping all data flips the picture, not the directions", () => {
  const setting = { classes: 3, columns: 5, pull: 2, scale: 1, offset: 0 };
  const { features } = hashedSamples(setting, 0, 50);
  const plain = principalComponents(features);
  const flipped = principalComponents(matrix(features.values.map((x) => -x), 5));
  assert.ok(largestDifference(plain.directions, flipped.directions) < 1e-8);
  assert.ok(largestDifference(plain.scores, flipped.scores.map((x) => -x)) < 1e-7);
});

Deno.test("data on a line have one component and a second of nothing", () => {
  const data = matrix(Float32Array.from([0, 1, 2, 3].flatMap((t) => [t, 2 * t, 2 * t])), 3);
  const { directions, explained, scores } = principalComponents(data);
  assert.ok(largestDifference(directions.slice(0, 3), [1 / 3, 2 / 3, 2 / 3]) < 1e-9);
  assert.ok(largestDifference(explained, [1, 0]) < 1e-9);
  assert.ok(largestDifference(scores, [-4.5, 0, -1.5, 0, 1.5, 0, 4.5, 0]) < 1e-6);
});

Deno.test("constant data have components of nothing, not of NaN", () => {
  const { explained, scores } = principalComponents(matrix(new Float32Array(12).fill(7), 3));
  assert.deepEqual([...explained], [0, 0]);
  assert.ok(scores.every((score) => Math.abs(score) < 1e-12));
});

Deno.test("fewer samples or features than components are refused", () => {
  assert.throws(() => principalComponents(matrix(new Float32Array(3), 3)), /\[1, 3\]/);
  assert.throws(() => principalComponents(matrix(new Float32Array(3), 1)), /\[3, 1\]/);
});

Deno.test("eigenvectors diagonalise a random symmetric matrix, largest eigenvalue first", () => {
  const stream = new RandomSource(2).stream("symmetric");
  const size = 9;
  const a = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) a[i * size + j] = a[j * size + i] = stream.normal();
  }
  const { values, vectors } = symmetricEigen(a, size);
  for (let p = 0; p < size; p++) {
    const v = vectors.subarray(p * size, (p + 1) * size);
    for (let i = 0; i < size; i++) {
      const image = v.reduce((sum, x, j) => sum + a[i * size + j] * x, 0);
      assert.ok(Math.abs(image - values[p] * v[i]) < 1e-12);
    }
    assert.ok(Math.abs(Math.hypot(...v) - 1) < 1e-12);
    if (p > 0) assert.ok(values[p] <= values[p - 1]);
  }
});
