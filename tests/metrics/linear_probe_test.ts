import assert from "node:assert/strict";
import { minimize } from "../../lib/metrics/lbfgs.ts";
import { fitLinear, linearProbe } from "../../lib/metrics/linear_probe.ts";
import { type Matrix, matrix } from "../../lib/metrics/matrix.ts";
import { hashedSamples, type HashedSetting, largestDifference, readGolden } from "./hashed_data.ts";

interface LinearGolden extends HashedSetting {
  readonly bank: number;
  readonly queries: number;
  readonly means: number[];
  readonly scales: number[];
  readonly weights: number[];
  readonly biases: number[];
  readonly predictions: number[];
  readonly accuracy: number;
  readonly defaultAccuracy: number;
}

/** Features of scales from 2^-12 to 2^11. */
function scaled({ values, columns }: Matrix): Matrix {
  return matrix(values.map((value, i) => value * 2 ** (i % columns % 24 - 12)), columns);
}

Deno.test("the probe reaches the solution and accuracy of scikit-learn's scaler and regression", async () => {
  const golden = readGolden<LinearGolden>("linear_probe");
  const bank = hashedSamples(golden, 0, golden.bank);
  const queries = hashedSamples(golden, golden.bank, golden.queries);
  const { model, accuracy } = await linearProbe({
    bank: scaled(bank.features),
    bankLabels: bank.labels,
    queries: scaled(queries.features),
    queryLabels: queries.labels,
  });
  assert.ok(model.converged);
  const { means, scales } = model.standardization;
  golden.scales.forEach((scale, c) => {
    assert.ok(Math.abs(scales[c] / scale - 1) < 1e-9, `column ${c}`);
    assert.ok(Math.abs(means[c] - golden.means[c]) < 1e-9 * scale, `column ${c}`);
  });
  // The tolerance on the gradient, 1e-5, over the smallest curvature, 1 / 500.
  assert.ok(largestDifference(model.weights, golden.weights) < 5e-3);
  // Biases are determined up to a common shift.
  const shift = model.biases.reduce((sum, bias) => sum + bias, 0) / model.biases.length;
  assert.ok(largestDifference(model.biases.map((b) => b - shift), golden.biases) < 5e-3);
  assert.ok(Math.abs(accuracy - golden.accuracy) <= 0.001, `${accuracy}`);
  assert.ok(Math.abs(accuracy - golden.defaultAccuracy) <= 0.003, `${accuracy}`);
});

Deno.test("the scale of the features changes nothing", async () => {
  const { features, labels } = hashedSamples(
    { classes: 3, columns: 8, pull: 1, scale: 1, offset: 0 },
    0,
    90,
  );
  const { weights, biases } = await fitLinear(features, labels);
  const small = matrix(features.values.map((value) => value * 2 ** -10), features.columns);
  const again = await fitLinear(small, labels);
  assert.deepEqual(again.weights, weights);
  assert.deepEqual(again.biases, biases);
});

Deno.test("a feature of one value is no use and no harm", async () => {
  const { features, labels } = hashedSamples(
    { classes: 3, columns: 8, pull: 1, scale: 1, offset: 0 },
    0,
    90,
  );
  const constant = matrix(features.values.map((x, i) => i % 8 === 3 ? 0.1 : x), 8);
  const { weights, converged } = await fitLinear(constant, labels);
  assert.ok(converged);
  [3, 11, 19].forEach((at) => assert.ok(Math.abs(weights[at]) < 1e-6, `${weights[at]}`));
});

Deno.test("a stronger penalty gives smaller weights", async () => {
  const { features, labels } = hashedSamples(
    { classes: 3, columns: 8, pull: 1, scale: 1, offset: 0 },
    0,
    90,
  );
  const norms = [];
  for (const inversePenalty of [0.01, 1, 100]) {
    const { weights, converged } = await fitLinear(features, labels, { inversePenalty });
    assert.ok(converged);
    norms.push(Math.hypot(...weights));
  }
  assert.ok(norms[0] < norms[1] && norms[1] < norms[2], `${norms}`);
});

Deno.test("a probe that runs out of iterations says that it has not converged", async () => {
  const { features, labels } = hashedSamples(
    { classes: 3, columns: 8, pull: 1, scale: 1, offset: 0 },
    0,
    90,
  );
  const model = await fitLinear(features, labels, { maxIterations: 2 });
  assert.equal(model.iterations, 2);
  assert.equal(model.converged, false);
});

Deno.test("labels that are not integers from 0 are refused with their row", async () => {
  const features = matrix(new Float32Array(4), 2);
  await assert.rejects(fitLinear(features, [0, -1]), /current value is -1 at row 1/);
  await assert.rejects(fitLinear(features, [0.5, 1]), /current value is 0.5 at row 0/);
});

Deno.test("an ill-conditioned quadratic is minimised to its known minimum", async () => {
  const curvatures = Float64Array.from({ length: 20 }, (_, i) => 10 ** (i / 5));
  const minimum = await minimize(
    (point) => ({
      value: point.reduce((sum, x, i) => sum + curvatures[i] * (x - i) ** 2 / 2, 0),
      gradient: point.map((x, i) => curvatures[i] * (x - i)),
    }),
    new Float64Array(20),
    { gradientTolerance: 1e-7 },
  );
  assert.ok(minimum.converged);
  minimum.point.forEach((x, i) => assert.ok(Math.abs(x - i) < 1e-6));
  // SciPy 1.17.1's L-BFGS-B takes 453 iterations from the same start to the same tolerance.
  assert.ok(minimum.iterations < 500, `${minimum.iterations}`);
});

Deno.test("a function without a minimum ends without claiming convergence", async () => {
  const minimum = await minimize(
    (point) => ({ value: -point[0], gradient: Float64Array.of(-1) }),
    new Float64Array(1),
  );
  assert.equal(minimum.converged, false);
});
