import assert from "node:assert/strict";
import { buildEncoder, encoders } from "../../../lib/nn/network/encoder.ts";
import type { ImageShape } from "../../../lib/nn/network/images.ts";
import { initialValues } from "../../../lib/nn/network/initialise.ts";
import type { ParameterSpec } from "../../../lib/nn/network/layers.ts";
import { buildProjector } from "../../../lib/nn/network/projector.ts";
import { RandomSource } from "../../../lib/random/random.ts";
import { goldenArchitecture } from "../golden.ts";

const small: ImageShape = [32, 32, 3];
const large: ImageShape = [64, 64, 3];

function count(specs: readonly ParameterSpec[]): number {
  const sizes = specs.map(({ shape }) => shape.reduce((product, side) => product * side, 1));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function specs(encoder: keyof typeof encoders, images: ImageShape): ParameterSpec[] {
  return buildEncoder(encoders[encoder], images).parts.flatMap((part) => part.layer.parameters);
}

Deno.test("encoders have the numbers of parameters that are published for them", () => {
  // Random Teachers are Good Teachers (Sarnthein et al. 2023), for the same two encoders.
  assert.equal(count(specs("resnet18", small)), 11_168_832);
  assert.equal(count(specs("resnet18-stride2", large)), 11_168_832);
  assert.equal(count(specs("vgg11", small)), 9_220_480);
  assert.equal(count(specs("vgg11-stride2", large)), 9_220_480);
});

Deno.test("the projector has two matrices and no bias", () => {
  const projector = buildProjector(512, [65536], 10).flatMap((part) => part.layer.parameters);
  assert.equal(count(projector), 512 * 65536 + 65536 * 10);
});

for (const name of ["resnet18", "vgg11"] as const) {
  Deno.test(`${name}: parameters have torchvision's names, order and shapes`, () => {
    const actual = specs(name, small).map(({ name, shape }) => ({ name, shape: [...shape] }));
    assert.deepEqual(actual, goldenArchitecture(name));
  });
}

Deno.test("every encoder for 32x32 images ends in an embedding of 512", () => {
  for (const name of ["resnet18", "vgg11", "mlp"] as const) {
    const { parts, width } = buildEncoder(encoders[name], small);
    assert.equal(width, 512);
    assert.equal(parts.at(-1)!.name, "embedding");
  }
});

Deno.test("the projector's hidden layers are P, preceded by P1, P2, ..., and its output is O", () => {
  const names = (hidden: number[]) => buildProjector(8, hidden, 3).map((part) => part.name);
  assert.deepEqual(names([16]), ["P", "O"]);
  assert.deepEqual(names([16, 12, 10]), ["P1", "P2", "P", "O"]);
  assert.deepEqual(names([]), ["O"]);
});

Deno.test("a VGG refuses images whose sides cannot be halved often enough", () => {
  assert.throws(() => buildEncoder(encoders.vgg11, [16, 16, 3]), /multiples of 32.*16x16/);
});

Deno.test("a ResNet refuses widths and blocks of different lengths", () => {
  const config = { kind: "resnet", widths: [4, 8], blocks: [1] } as const;
  assert.throws(() => buildEncoder(config, small), /\[4,8\] and \[1\]/);
});

Deno.test("convolutions start normal by He's fan-out rule, batch norm as the identity", () => {
  const random = new RandomSource(1);
  const conv = specs("resnet18", small).find((spec) =>
    spec.name.endsWith("layer1.0.conv1.weight")
  )!;
  const values = initialValues(conv, random);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(
    values.reduce((sum, value) => sum + value * value, 0) / values.length,
  );
  // Standard errors for 36,864 normal values: 0.0003 of the mean, 0.37 % of the deviation.
  assert.ok(Math.abs(mean) < 0.0013, `mean ${mean}`);
  assert.ok(Math.abs(deviation / Math.sqrt(2 / (9 * 64)) - 1) < 0.015, `deviation ${deviation}`);
  for (const spec of specs("resnet18", small).filter(({ shape }) => shape.length === 1)) {
    const expected = spec.name.endsWith(".weight") ? 1 : 0;
    assert.ok(initialValues(spec, random).every((value) => value === expected), spec.name);
  }
});

Deno.test("the projector starts uniform within 1 / sqrt(inputs), as nn.Linear", () => {
  const [{ layer }] = buildProjector(64, [512], 10);
  const values = initialValues(layer.parameters[0], new RandomSource(1));
  const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  assert.ok(largest <= 1 / 8 && largest > 0.124, `largest ${largest}`);
});

Deno.test("a parameter's first values depend on the seed and its name alone", () => {
  const spec = (name: string): ParameterSpec => ({
    name,
    shape: [3, 5],
    initial: { kind: "normal", deviation: 1 },
  });
  const random = new RandomSource(3);
  const first = initialValues(spec("a"), random);
  assert.notDeepEqual(initialValues(spec("b"), random), first);
  assert.notDeepEqual(initialValues(spec("a"), new RandomSource(4)), first);
  assert.deepEqual(initialValues(spec("a"), new RandomSource(3)), first);
});
