import assert from "node:assert/strict";
import { normalizedInvariance } from "../../lib/metrics/invariance.ts";
import { matrix } from "../../lib/metrics/matrix.ts";
import { RandomSource } from "../../lib/random/random.ts";
import { hashedSamples, type HashedSetting, largestDifference, readGolden } from "./hashed_data.ts";

interface Reading {
  readonly perSample: number[];
  readonly mean: number;
}

interface InvarianceGolden extends HashedSetting {
  readonly rows: number;
  readonly norm: Reading;
  readonly squaredNorm: Reading;
}

function activations(golden: HashedSetting & { rows: number }) {
  const [originals, first, second] = [0, 1, 2].map((part) =>
    hashedSamples(golden, golden.rows * part, golden.rows).features
  );
  return { originals, first, second };
}

for (const golden of readGolden<InvarianceGolden[]>("invariance")) {
  Deno.test(`both readings equal NumPy's over all pairs at offset ${golden.offset}`, async () => {
    const result = await normalizedInvariance(activations(golden));
    for (const reading of ["norm", "squaredNorm"] as const) {
      const { perSample, mean } = result[reading];
      assert.ok(largestDifference(perSample, golden[reading].perSample) < 2e-6);
      assert.ok(Math.abs(mean - golden[reading].mean) < 1e-6);
    }
  });

  Deno.test(`sampled partners estimate all pairs at offset ${golden.offset}`, async () => {
    const stream = new RandomSource(3).stream("partners");
    const result = await normalizedInvariance(activations(golden), {
      partners: { count: 200, stream },
    });
    for (const reading of ["norm", "squaredNorm"] as const) {
      const ratio = result[reading].mean / golden[reading].mean;
      assert.ok(Math.abs(ratio - 1) < 0.01, `${reading}: ${ratio}`);
    }
  });
}

Deno.test("equal views of distinct samples are invariant", async () => {
  const { originals, first } = activations({
    classes: 2,
    columns: 3,
    pull: 1,
    scale: 1,
    offset: 0,
    rows: 5,
  });
  const { norm, squaredNorm } = await normalizedInvariance({ originals, first, second: first });
  assert.equal(norm.mean, 0);
  assert.equal(squaredNorm.mean, 0);
});

Deno.test("scaling and shifting a layer leaves its invariance as it is", async () => {
  const setting = { classes: 4, columns: 20, pull: 1, scale: 1, offset: 0, rows: 40 };
  const plain = await normalizedInvariance(activations(setting));
  const moved = await normalizedInvariance(activations({ ...setting, scale: 4, offset: 16 }));
  assert.ok(Math.abs(plain.norm.mean - moved.norm.mean) < 1e-5);
  assert.ok(Math.abs(plain.squaredNorm.mean - moved.squaredNorm.mean) < 1e-5);
});

Deno.test("views drawn like other samples have an invariance of about one", async () => {
  const setting = { classes: 4, columns: 200, pull: 0, scale: 1, offset: 0, rows: 100 };
  const { norm, squaredNorm } = await normalizedInvariance(activations(setting));
  assert.ok(Math.abs(norm.mean - 1) < 0.02 && Math.abs(squaredNorm.mean - 1) < 0.04);
});

Deno.test("a sample is never its own partner, sampled or not", async () => {
  const originals = matrix(Float32Array.of(0, 3), 1);
  const first = matrix(Float32Array.of(0, 0), 1);
  const second = matrix(Float32Array.of(6, 6), 1);
  const partners = { count: 3, stream: new RandomSource(0).stream("partners") };
  for (const options of [{}, { partners }]) {
    const result = await normalizedInvariance({ originals, first, second }, options);
    assert.ok(Math.abs(result.norm.mean - 2) < 1e-6);
    assert.ok(Math.abs(result.squaredNorm.mean - 4) < 1e-6);
  }
});

Deno.test("a collapsed layer has no invariance: infinite, or not a number", async () => {
  const constant = matrix(new Float32Array(6).fill(2), 2);
  const other = matrix(Float32Array.from({ length: 6 }, (_, i) => i), 2);
  const spread = await normalizedInvariance({
    originals: constant,
    first: constant,
    second: other,
  });
  assert.equal(spread.norm.mean, Infinity);
  const collapsed = await normalizedInvariance({
    originals: constant,
    first: constant,
    second: constant,
  });
  assert.ok(Number.isNaN(collapsed.norm.mean));
});

Deno.test("shapes that differ are refused, all three of them shown", async () => {
  const rows = matrix(new Float32Array(6), 2);
  await assert.rejects(
    normalizedInvariance({ originals: rows, first: rows, second: matrix(new Float32Array(6), 3) }),
    /\[3, 2\], \[3, 2\], \[2, 3\]/,
  );
});
