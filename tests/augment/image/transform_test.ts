import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { type Operation, Renderer, type Transform } from "../../../lib/augment/image/transform.ts";
import { goldenImage, type ImageKind, readGolden } from "../golden.ts";

type GoldenOperation = [kind: Operation["kind"], value?: number];
type GoldenCase = [
  kind: ImageKind,
  seed: number,
  height: number,
  width: number,
  box: [top: number, left: number, height: number, width: number] | null,
  size: [height: number, width: number] | null,
  mirror: boolean,
  operations: GoldenOperation[],
  digest: string,
];

const golden = readGolden<{
  pillow: string;
  torchvision: string;
  groups: Record<string, { first: string; cases: GoldenCase[] }>;
}>("transforms.json");

const VALUE_NAMES: Partial<Record<Operation["kind"], string>> = {
  "hue": "turn",
  "translate-x": "pixels",
  "translate-y": "pixels",
  "rotate": "degrees",
  "posterize": "bits",
  "solarize": "threshold",
};

function operation([kind, value]: GoldenOperation): Operation {
  return { kind, [VALUE_NAMES[kind] ?? "factor"]: value } as unknown as Operation;
}

function render([kind, seed, height, width, box, size, mirror, operations]: GoldenCase) {
  const [outHeight, outWidth] = size ?? [height, width];
  const renderer = new Renderer({ height, width }, { height: outHeight, width: outWidth });
  const [top, left, boxHeight, boxWidth] = box ?? [0, 0, height, width];
  const transform: Transform = {
    box: { top, left, height: boxHeight, width: boxWidth },
    mirror,
    operations: operations.map(operation),
  };
  const image = goldenImage(kind, seed, height, width);
  const out = new Uint8Array(outHeight * outWidth * 3);
  renderer.render(transform, image, out);
  return out;
}

for (const [name, { first, cases }] of Object.entries(golden.groups)) {
  Deno.test(`${name}: every byte is that of torchvision ${golden.torchvision} on Pillow ${golden.pillow}`, () => {
    assert.equal(Buffer.from(render(cases[0])).toString("hex"), first);
    for (const goldenCase of cases) {
      const digest = createHash("sha256").update(render(goldenCase)).digest("hex").slice(0, 16);
      assert.equal(digest, goldenCase.at(-1), JSON.stringify(goldenCase));
    }
  });
}
