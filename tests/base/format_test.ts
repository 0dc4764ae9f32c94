import assert from "node:assert/strict";
import { formatBytes, formatSeconds } from "../../lib/base/format.ts";
import { duration } from "../../lib/pipeline/ui/page/format.js";

const DURATIONS: [seconds: number, text: string][] = [
  [0.04, "0.0 s"],
  [9.94, "9.9 s"],
  [9.96, "10 s"],
  [59.6, "1 min 0 s"],
  [143, "2 min 23 s"],
  [3599.6, "1 h 0 min"],
  [3900, "1 h 5 min"],
];

Deno.test("a duration has the units that a person would say", () => {
  for (const [seconds, text] of DURATIONS) assert.equal(formatSeconds(seconds), text);
});

Deno.test("the page writes durations as the terminal does", () => {
  for (const [seconds, text] of DURATIONS) assert.equal(duration(seconds), text);
});

Deno.test("a size has three digits and the largest unit that it fills", () => {
  assert.deepEqual([512, 1024, 1536 * 1024, 9.8 * 2 ** 30].map(formatBytes), [
    "512 B",
    "1.00 KiB",
    "1.50 MiB",
    "9.80 GiB",
  ]);
});
