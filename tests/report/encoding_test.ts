import assert from "node:assert/strict";
import { crc32, inflateSync } from "node:zlib";
import { toCsv } from "../../lib/report/render/data_table.ts";
import { listText, points } from "../../lib/report/render/format.ts";
import { markup, raw } from "../../lib/report/render/markup.ts";
import { darkFigureRules, PAINTS } from "../../lib/report/render/palette.ts";
import { encodePng } from "../../lib/report/render/png.ts";
import { textWidth } from "../../lib/report/render/text_width.ts";

Deno.test("a PNG holds the pixels, row by row, and every chunk's CRC is right", () => {
  const pixels = Uint8Array.from({ length: 5 * 3 * 3 }, (_, i) => (i * 37) % 256);
  const png = encodePng({ width: 5, height: 3, pixels });
  assert.deepEqual([...png.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  const view = new DataView(png.buffer);
  const types: string[] = [];
  let image = new Uint8Array();
  for (let at = 8; at < png.length;) {
    const length = view.getUint32(at);
    const body = png.subarray(at + 4, at + 8 + length);
    assert.equal(view.getUint32(at + 8 + length), crc32(body));
    const type = new TextDecoder().decode(body.subarray(0, 4));
    if (type === "IDAT") image = body.slice(4);
    if (type === "IHDR") {
      assert.deepEqual([...body.slice(4)], [0, 0, 0, 5, 0, 0, 0, 3, 8, 2, 0, 0, 0]);
    }
    types.push(type);
    at += length + 12;
  }
  assert.deepEqual(types, ["IHDR", "IDAT", "IEND"]);
  const lines = inflateSync(image);
  const rows = [0, 1, 2].flatMap((row) => [0, ...pixels.subarray(row * 15, row * 15 + 15)]);
  assert.deepEqual([...lines], rows);
});

Deno.test("CSV quotes what needs it and leaves missing values empty", () => {
  const csv = toCsv({
    columns: ["a", "b"],
    rows: [['x, "y"', 0.1], ["two\nlines", NaN], ["", null]],
  });
  assert.equal(csv, 'a,b\r\n"x, ""y""",0.1\r\n"two\nlines",\r\n,\r\n');
});

Deno.test("markup escapes what is interpolated, except markup", () => {
  const inner = markup`<b>${"<&>"}</b>`;
  assert.equal(
    String(markup`<p title="${'"'}">${inner}${[1, null, false, raw("<i>")]}</p>`),
    '<p title="&quot;"><b>&lt;&amp;&gt;</b>1<i></p>',
  );
});

Deno.test("numbers are written for readers", () => {
  assert.deepEqual([points(0.312), points(-0.012), points(-0.0001)], ["+31.2", "−1.2", "0.0"]);
  assert.deepEqual(["a", "a,b", "a,b,c"].map((each) => listText(each.split(","))), [
    "a",
    "a and b",
    "a, b and c",
  ]);
});

Deno.test("text is as wide as in Helvetica", () => {
  // Adobe's metrics: K 667, hyphen 333, N 722 thousandths of an em.
  assert.equal(textWidth("K-NN", 1000), 667 + 333 + 2 * 722);
});

Deno.test("every colour has enough contrast with its background, light and dark", () => {
  const luminance = (colour: string) => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const value = parseInt(colour.slice(at, at + 2), 16) / 255;
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const limits = { ink: 7, muted: 4.5, init: 3, random: 3, clean: 3, encoder: 3, projector: 3 };
  for (const [name, limit] of Object.entries(limits)) {
    const paint = PAINTS[name as keyof typeof limits];
    assert.ok(contrast(paint.light, PAINTS.paper.light) >= limit, `${name} on light`);
    assert.ok(contrast(paint.dark, PAINTS.paper.dark) >= limit, `${name} on dark`);
  }
});

Deno.test("light colours differ, so that each has one partner in the dark", () => {
  const lights = Object.values(PAINTS).map(({ light }) => light);
  assert.equal(new Set(lights).size, lights.length);
  assert.ok(
    darkFigureRules("svg").includes(`svg [fill="${PAINTS.ink.light}"]{fill:${PAINTS.ink.dark}}`),
  );
});
