import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import golden from "../../golden/data/jpeg.json" with { type: "json" };
import { loadJpegDecoder } from "../../../lib/data/sets/jpeg.ts";

const decode = await loadJpegDecoder();
const [example] = golden.cases;
const file = Buffer.from(example.file, "base64");

Deno.test(`${golden.cases.length} JPEG files decode to the bytes of ${golden.source}`, () => {
  for (const { about, width, height, file, rgbSha256 } of golden.cases) {
    const pixels = decode(Buffer.from(file, "base64"), { width, height });
    assert.equal(pixels.length, width * height * 3, about);
    assert.equal(createHash("sha256").update(pixels).digest("hex"), rgbSha256, about);
  }
});

Deno.test("a grey JPEG becomes three equal channels", () => {
  const grey = golden.cases.find(({ about }) => about.startsWith("L"))!;
  const pixels = decode(Buffer.from(grey.file, "base64"), grey);
  for (let at = 0; at < pixels.length; at += 3) {
    assert.deepEqual([pixels[at + 1], pixels[at + 2]], [pixels[at], pixels[at]]);
  }
});

Deno.test("a JPEG of another size is refused before its pixels take memory", () => {
  const huge = Uint8Array.from(file);
  const frame = huge.findIndex((byte, at) => byte === 0xff && [0xc0, 0xc2].includes(huge[at + 1]));
  huge.fill(0xff, frame + 5, frame + 9);
  assert.throws(() => decode(huge, example), /must be \d+x\d+ pixels: current size is 65535x65535/);
});

Deno.test("damaged JPEG files are refused, and the decoder still serves afterwards", () => {
  const cut = file.subarray(0, file.length / 2);
  assert.throws(() => decode(cut, example), /must be complete: Premature end of JPEG file/);
  const broken = Uint8Array.from(file);
  const huffman = broken.findIndex((byte, at) => byte === 0xff && broken[at + 1] === 0xc4);
  broken.fill(0xee, huffman + 4, huffman + 24);
  assert.throws(() => decode(broken, example), /Cannot decode JPEG as it must be valid: Bogus/);
  for (const nonsense of [new Uint8Array(), new Uint8Array(99).fill(7), file.subarray(0, 20)]) {
    assert.throws(() => decode(nonsense, example), /must begin with its markers/);
  }
  const { width, height } = example;
  assert.equal(decode(file, example).length, width * height * 3);
});

Deno.test("a JPEG with four channels is refused", () => {
  const cmyk = Uint8Array.from(file);
  const frame = cmyk.findIndex((byte, at) => byte === 0xff && [0xc0, 0xc2].includes(cmyk[at + 1]));
  cmyk[frame + 9] = 4;
  assert.throws(() => decode(cmyk, example), /three channels: current number is 4/);
});
