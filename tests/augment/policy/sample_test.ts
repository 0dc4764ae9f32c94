import assert from "node:assert/strict";
import { parsePolicy, type TransformPolicy } from "../../../lib/augment/policy/policy.ts";
import { sampleCrop, sampleTransform } from "../../../lib/augment/policy/sample.ts";
import { RandomSource } from "../../../lib/random/random.ts";
import { readGolden } from "../golden.ts";
import { hasProbability, haveQuantiles, haveSameDistribution } from "../statistics.ts";

const golden = readGolden<{
  draws: number;
  crops: {
    height: number;
    width: number;
    minScale: number;
    top: number[];
    left: number[];
    boxHeight: number[];
    boxWidth: number[];
  }[];
  jitter: {
    orders: Record<string, number>;
    quantiles: Record<"brightness" | "contrast" | "saturation" | "hue", number[]>;
  };
}>("sampling.json");

const DRAWS = 20_000;
const size = { height: 32, width: 32 };
const random = new RandomSource(2210);

function draw(policy: string, view: number) {
  const stream = random.stream("test", view);
  return sampleTransform(parsePolicy(policy) as TransformPolicy, stream, size, size);
}

for (const { height, width, minScale, ...counts } of golden.crops) {
  Deno.test(`crops of ${height} x ${width} from ${minScale} are distributed as torchvision's`, () => {
    const ours = {
      top: counts.top.map(() => 0),
      left: counts.left.map(() => 0),
      boxHeight: counts.boxHeight.map(() => 0),
      boxWidth: counts.boxWidth.map(() => 0),
    };
    for (let i = 0; i < DRAWS; i++) {
      const box = sampleCrop({ height, width }, minScale, random.stream("crop", height, width, i));
      assert.ok(box.height >= 1 && box.top >= 0 && box.top + box.height <= height);
      assert.ok(box.width >= 1 && box.left >= 0 && box.left + box.width <= width);
      ours.top[box.top]++;
      ours.left[box.left]++;
      ours.boxHeight[box.height]++;
      ours.boxWidth[box.width]++;
    }
    for (const side of ["top", "left", "boxHeight", "boxWidth"] as const) {
      assert.ok(haveSameDistribution(ours[side], counts[side]), `${side}: ${ours[side]}`);
    }
  });
}

Deno.test("a crop that never fits becomes the largest central box with an allowed shape", () => {
  const stream = random.stream("central");
  assert.deepEqual(sampleCrop({ height: 4, width: 400 }, 1, stream), {
    top: 0,
    left: 197,
    height: 4,
    width: 5,
  });
  assert.deepEqual(sampleCrop({ height: 400, width: 4 }, 1, stream), {
    top: 197,
    left: 0,
    height: 5,
    width: 4,
  });
});

Deno.test("jitter comes with probability 0.8, its factors and order as torchvision's", () => {
  const factors = {
    brightness: [] as number[],
    contrast: [] as number[],
    saturation: [] as number[],
    hue: [] as number[],
  };
  const orders: Record<string, number> = {};
  for (let view = 0; view < DRAWS; view++) {
    const { operations } = draw("jitter", view);
    if (operations.length === 0) continue;
    const order = operations.map(({ kind }) => kind[0]).join("");
    orders[order] = (orders[order] ?? 0) + 1;
    for (const operation of operations) {
      if (operation.kind === "hue") factors.hue.push(operation.turn);
      else if ("factor" in operation) {
        factors[operation.kind as "brightness" | "contrast" | "saturation"].push(operation.factor);
      }
    }
  }
  assert.ok(hasProbability(factors.hue.length, DRAWS, 0.8), `${factors.hue.length} of ${DRAWS}`);
  for (const kind of ["brightness", "contrast", "saturation", "hue"] as const) {
    assert.ok(haveQuantiles(factors[kind], golden.jitter.quantiles[kind], golden.draws), kind);
  }
  const names = Object.keys(golden.jitter.orders);
  assert.equal(names.length, 24);
  assert.ok(haveSameDistribution(
    names.map((name) => orders[name] ?? 0),
    names.map((name) => golden.jitter.orders[name]),
  ));
});

Deno.test("under full, flip, jitter and grey come independently with 0.5, 0.8 and 0.2", () => {
  const counts = new Array(8).fill(0);
  for (let view = 0; view < DRAWS; view++) {
    const { mirror, operations } = draw("full", view);
    const jitter = operations[0] !== undefined && operations[0].kind !== "grayscale";
    const gray = operations.at(-1)?.kind === "grayscale";
    assert.equal(operations.length, (jitter ? 4 : 0) + (gray ? 1 : 0));
    counts[(mirror ? 4 : 0) + (jitter ? 2 : 0) + (gray ? 1 : 0)]++;
  }
  counts.forEach((count, i) => {
    const probability = 0.5 * (i & 2 ? 0.8 : 0.2) * (i & 1 ? 0.2 : 0.8);
    assert.ok(hasProbability(count, DRAWS, probability), `${i}: ${count}`);
  });
});

Deno.test("a policy's absent parts never happen", () => {
  const whole = { top: 0, left: 0, ...size };
  for (let view = 0; view < 200; view++) {
    assert.deepEqual(draw("none", view), { box: whole, mirror: false, operations: [] });
    assert.deepEqual(draw("flip", view).box, whole);
    assert.deepEqual(draw("crop", view).operations, []);
    assert.equal(draw("crop", view).mirror, false);
    assert.ok(draw("gray", view).operations.every(({ kind }) => kind === "grayscale"));
  }
});

Deno.test("a crop's area reaches down to the policy's bound and not below it", () => {
  const areas = Array.from({ length: 2000 }, (_, view) => {
    const { height, width } = draw("crop(0.35)", view).box;
    return height * width / (size.height * size.width);
  });
  // Rounding the sides to pixels moves the area by a few per cent.
  assert.ok(Math.min(...areas) > 0.35 * 0.93 && Math.min(...areas) < 0.36);
});
