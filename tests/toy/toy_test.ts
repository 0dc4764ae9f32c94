import assert from "node:assert/strict";
import { matrix } from "../../lib/metrics/matrix.ts";
import { runToy, TOY_DEFAULTS } from "../../lib/toy/toy.ts";
import { drawCentres, drawSamples, drawViews } from "../../lib/toy/data.ts";
import { addGradient, drawModel, project } from "../../lib/toy/model.ts";
import { RandomSource } from "../../lib/random/random.ts";

Deno.test("samples and views have the variances of Appendix E", () => {
  const distribution = { dimensions: 4, signalDimensions: 2, classes: 3, sigma: 2 };
  const random = new RandomSource(4);
  const centres = drawCentres(distribution, random.stream("centres"));
  const { features, labels } = drawSamples(distribution, centres, 4000, random.stream("samples"));
  const squares = [0, 0, 0, 0];
  features.values.forEach((value, i) => {
    const coordinate = i % 4;
    const centre = coordinate < 2 ? centres[labels[Math.floor(i / 4)] * 2 + coordinate] : 0;
    squares[coordinate] += (value - centre) ** 2 / 4000;
  });
  const expected = [0.4, 0.4, 4, 4];
  // Six standard errors of a variance from 4000 samples.
  squares.forEach((s, c) => assert.ok(Math.abs(s / expected[c] - 1) < 0.134, `${s}`));

  const views = drawViews(distribution, features, 2, random.stream("views"));
  assert.equal(views.rows, 8000);
  const changes = [0, 0, 0, 0];
  views.values.forEach((value, i) => {
    const original = features.values[Math.floor(i / 8) * 4 + i % 4];
    changes[i % 4] += (value - original) ** 2 / 8000;
  });
  assert.deepEqual(changes.slice(0, 2), [0, 0]);
  changes.slice(2).forEach((s) => assert.ok(Math.abs(s / 4 - 1) < 0.095, `${s}`));
});

Deno.test("the gradient equals central differences of the loss", () => {
  const stream = new RandomSource(7).stream("gradient");
  const rows = matrix(Float32Array.from({ length: 12 }, () => stream.normal()), 4);
  const model = drawModel(rows, { classes: 3, prototypes: 6 }, stream);
  model.parameters.forEach((_, i) => model.parameters[i] += 0.3 * stream.normal());
  const gradient = new Float64Array(model.parameters.length);
  const loss = () => addGradient(model, rows, 1, 2, new Float64Array(gradient.length));
  const value = addGradient(model, rows, 1, 2, gradient);
  const outputs = project(model, rows, 1);
  const expected = outputs.reduce((sum, output, c) => sum + (output - (c === 2 ? 1 : 0)) ** 2, 0);
  assert.ok(Math.abs(value - expected) < 1e-12);
  for (let i = 0; i < gradient.length; i++) {
    const at = model.parameters[i], step = 1e-5;
    model.parameters[i] = at + step;
    const above = loss();
    model.parameters[i] = at - step;
    const below = loss();
    model.parameters[i] = at;
    const slope = (above - below) / (2 * step);
    assert.ok(Math.abs(gradient[i] - slope) < 1e-7, `parameter ${i}: ${gradient[i]} and ${slope}`);
  }
});

Deno.test("a point on a prototype has that prototype's label, as the projector's limit says", () => {
  const stream = new RandomSource(8).stream("limit");
  const rows = matrix(Float32Array.from({ length: 4 }, () => stream.normal()), 4);
  const model = drawModel(rows, { classes: 5, prototypes: 30 }, stream);
  // All prototypes start on the encoding of the only row; all but the first move away.
  for (let i = (4 + 1) * 4; i < model.parameters.length; i++) model.parameters[i] += 3;
  const outputs = project(model, rows, 0);
  assert.ok(outputs[model.prototypeLabels[0]] > 0.99, `${outputs}`);
  assert.ok(Math.abs(outputs.reduce((a, b) => a + b) - 1) < 1e-12);
});

Deno.test("many views teach the encoder to ignore the noise, a single one does not", async () => {
  const settings = { steps: 400, probeSamples: 300 };
  const single = await runToy({ samples: 400, views: 1 }, new RandomSource(1), settings);
  const many = await runToy({ samples: 400, views: 32 }, new RandomSource(1), settings);
  assert.ok(many.noiseGain < single.noiseGain / 2, JSON.stringify({ single, many }));
  assert.ok(many.accuracy > many.initialAccuracy + 0.1, JSON.stringify(many));
  assert.ok(single.accuracy < single.initialAccuracy + 0.03, JSON.stringify(single));
});

Deno.test("points far below the capacity are memorised", async () => {
  const size = { samples: 12, views: 1 };
  const { fit } = await runToy(size, new RandomSource(1), { steps: 600, probeSamples: 50 });
  assert.equal(fit, 1);
});

Deno.test("a run depends on its seed alone", async () => {
  const settings = { ...TOY_DEFAULTS, steps: 20, probeSamples: 60 };
  const size = { samples: 15, views: 2 };
  const once = await runToy(size, new RandomSource(3), settings);
  assert.deepEqual(await runToy(size, new RandomSource(3), settings), once);
  assert.notDeepEqual(await runToy(size, new RandomSource(4), settings), once);
});
