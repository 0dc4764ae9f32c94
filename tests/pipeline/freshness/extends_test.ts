import assert from "node:assert/strict";
import { TableFile } from "../../../lib/arrow/reader.ts";
import { defineSchema, float64 } from "../../../lib/arrow/schema.ts";
import { Rig, STAGE_IMPORTS } from "../rig.ts";

const SERIES = `defineSchema("series", { value: float64("A number") })`;

/** Squares up to `count`; the log says how many were computed rather than taken over. */
function squares(start = 1): Rig {
  return new Rig({
    "pipeline.yaml": `name: squares\nparams: { count: 3 }\nstages:\n  squares:\n` +
      `    params: { count: "\${count}", start: ${start} }\n`,
    "stages/squares.ts": `${STAGE_IMPORTS}
export default defineStage({
  description: "Squares",
  params: z.object({ count: z.int(), start: z.number() }),
  inputs: {},
  outputs: { series: ${SERIES} },
  extends: "count",
  run({ params, predecessor, outputs, metrics }) {
    const known = predecessor?.tables.series.column("value") ?? [];
    metrics({ known: known.length, from: predecessor?.params.count ?? 0 });
    const value = Float64Array.from({ length: params.count }, (_, i) =>
      i < known.length ? known[i] : (params.start + i) ** 2);
    outputs.series.append({ value });
  },
});
`,
  });
}

async function known(rig: Rig, count: number, flags: string[] = []): Promise<number> {
  const { status, stderr } = await rig.run(["-S", `count=${count}`, ...flags]);
  assert.equal(status, 0, stderr);
  const { content } = JSON.parse(rig.read("artifacts/latest/squares/manifest.json"));
  const schema = defineSchema("series", { value: float64("A number") });
  using table = TableFile.open(rig.path("artifacts/latest/squares/series.arrow"), schema);
  assert.deepEqual(
    [...table.column("value")],
    Array.from({ length: count }, (_, i) => (i + content.parts.params.start) ** 2),
  );
  return content.metrics.known;
}

Deno.test("a stage goes on from the largest smaller result, and from none that is larger", async () => {
  using rig = squares();
  assert.equal(await known(rig, 3), 0);
  assert.equal(await known(rig, 8), 3);
  assert.equal(await known(rig, 5), 3);
  assert.equal(await known(rig, 9), 8);
  assert.equal(await known(rig, 2), 0);
});

Deno.test("what differs in more than that param is no predecessor, nor is what was forced", async () => {
  using rig = squares();
  assert.equal(await known(rig, 3), 0);
  assert.equal(await known(rig, 4, ["-S", "squares.start=2"]), 0);
  assert.equal(await known(rig, 5, ["--force"]), 0);
  rig.edit("stages/squares.ts", "** 2", "** 2 + 0");
  assert.equal(await known(rig, 6), 0);
});

Deno.test("a damaged predecessor is passed over", async () => {
  using rig = squares();
  await known(rig, 2);
  await known(rig, 3);
  const path = rig.path("artifacts/latest/squares/series.arrow");
  const bytes = Deno.readFileSync(path);
  bytes[bytes.length >> 1] ^= 1;
  Deno.chmodSync(path, 0o644);
  Deno.writeFileSync(path, bytes);
  assert.equal(await known(rig, 4), 2);
});
