import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Operation, Renderer } from "../../../lib/augment/image/transform.ts";
import { readGolden } from "../golden.ts";

const golden = readGolden<{
  cases: { kind: "hue" | "saturation" | "grayscale"; value: number | null; digest: string }[];
}>("colors.json");

const SIDE = 256;
const size = { height: SIDE, width: SIDE };

function operation({ kind, value }: typeof golden.cases[number]): Operation {
  if (kind === "grayscale") return { kind };
  return kind === "hue" ? { kind, turn: value as number } : { kind, factor: value as number };
}

for (const goldenCase of golden.cases) {
  const { kind, value, digest } = goldenCase;
  Deno.test(`${kind} ${value ?? ""} gives torchvision's bytes for each of the 2^24 colours`, () => {
    const renderer = new Renderer(size, size);
    const transform = {
      box: { top: 0, left: 0, ...size },
      mirror: false,
      operations: [operation(goldenCase)],
    };
    const colors = new Uint8Array(SIDE * SIDE * 3);
    for (let i = 0; i < SIDE * SIDE; i++) {
      colors[3 * i + 1] = i >> 8;
      colors[3 * i + 2] = i & 255;
    }
    const out = new Uint8Array(colors.length);
    const hash = createHash("sha256");
    for (let red = 0; red < SIDE; red++) {
      for (let i = 0; i < colors.length; i += 3) colors[i] = red;
      renderer.render(transform, colors, out);
      hash.update(out);
    }
    assert.equal(hash.digest("hex"), digest);
  });
}
