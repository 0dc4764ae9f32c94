import assert from "node:assert/strict";
import { sampleRandAugment } from "../../../lib/augment/policy/rand_augment.ts";
import type { Operation } from "../../../lib/augment/image/transform.ts";
import { RandomSource } from "../../../lib/random/random.ts";
import { readGolden } from "../golden.ts";
import { areUniform, hasProbability } from "../statistics.ts";

type Magnitudes = { height: number; width: number } & Record<string, number[]>;
const golden = readGolden<{ magnitudes: Magnitudes[] }>("sampling.json");
const random = new RandomSource(1909);

/** The magnitude of an operation as torchvision would be given it, and the operation's name there. */
function asTorchvision(operation: Operation): [name: string, magnitude: number] {
  switch (operation.kind) {
    case "shear-x":
      return ["ShearX", operation.factor];
    case "shear-y":
      return ["ShearY", operation.factor];
    case "translate-x":
      return ["TranslateX", operation.pixels];
    case "translate-y":
      return ["TranslateY", operation.pixels];
    case "rotate":
      return ["Rotate", operation.degrees];
    case "brightness":
      return ["Brightness", operation.factor - 1];
    case "saturation":
      return ["Color", operation.factor - 1];
    case "contrast":
      return ["Contrast", operation.factor - 1];
    case "sharpness":
      return ["Sharpness", operation.factor - 1];
    case "posterize":
      return ["Posterize", operation.bits];
    case "solarize":
      return ["Solarize", operation.threshold];
    default:
      return [operation.kind, 0];
  }
}

for (const magnitudes of golden.magnitudes) {
  const { height, width } = magnitudes;
  Deno.test(`on ${height} x ${width}, all 100 levels have torchvision's magnitudes`, () => {
    const seen = new Set<string>();
    for (let level = 0; level < 100; level++) {
      const strength = (level + 0.5) / 100;
      for (let draw = 0; draw < 60; draw++) {
        const stream = random.stream("levels", level, draw);
        for (const operation of sampleRandAugment(strength, stream, { height, width })) {
          const [name, magnitude] = asTorchvision(operation);
          if (!(name in magnitudes)) continue;
          const expected = magnitudes[name][level];
          const whole = name.startsWith("Translate") ? Math.trunc(expected) : expected;
          // Adding 1 to a factor and taking it off again costs its last bits.
          assert.ok(Math.abs(Math.abs(magnitude) - whole) < 1e-15, `${name} at ${level}`);
          seen.add(`${name} ${level}`);
        }
      }
    }
    // With at least 60 draws of 14 operations, a given one is missed with probability 1.2 %.
    assert.ok(seen.size > 0.97 * 11 * 100, `only ${seen.size} of 1100 were seen`);
  });
}

Deno.test("the strength sets the number of operations: one at 0, four at 1", () => {
  const count = (strength: number) =>
    sampleRandAugment(strength, random.stream("count"), { height: 8, width: 8 }).length;
  assert.deepEqual([0, 0.29, 0.3, 0.59, 0.6, 0.89, 0.9, 1].map(count), [1, 1, 2, 2, 3, 3, 4, 4]);
});

Deno.test("the 14 operations are equally likely, and so are the two signs", () => {
  const counts = new Map<string, number>();
  let signed = 0;
  let negative = 0;
  for (let draw = 0; draw < 7000; draw++) {
    const stream = random.stream("uniform", draw);
    for (const operation of sampleRandAugment(0.5, stream, { height: 32, width: 32 })) {
      counts.set(operation.kind, (counts.get(operation.kind) ?? 0) + 1);
      const [name, magnitude] = asTorchvision(operation);
      if (/Shear|Translate|Rotate|Bright|Color|Contrast|Sharp/.test(name)) {
        signed++;
        if (magnitude < 0) negative++;
      }
    }
  }
  assert.equal(counts.size, 14);
  assert.ok(areUniform([...counts.values()]), JSON.stringify([...counts]));
  assert.ok(hasProbability(negative, signed, 0.5), `${negative} of ${signed}`);
});
