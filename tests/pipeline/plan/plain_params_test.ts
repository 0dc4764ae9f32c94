import assert from "node:assert/strict";
import { asPlainJson } from "../../../lib/pipeline/plan/plain_params.ts";
import { Rig, STAGE_IMPORTS } from "../rig.ts";

Deno.test("params that JSON can hold stay as they are, without what is undefined", () => {
  const params = { a: 1, b: [null, "x", { c: true, d: undefined }], e: undefined };
  assert.deepEqual(asPlainJson(params), { params: { a: 1, b: [null, "x", { c: true }] } });
  assert.deepEqual(asPlainJson({}), { params: {} });
});

Deno.test("each value that JSON would turn into another is named by its path", () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const wrong: Record<string, unknown> = {
    infinite: Infinity,
    none: NaN,
    big: 1n,
    date: new Date(0),
    set: new Set([1]),
    map: new Map(),
    bytes: new Uint8Array(1),
    call: () => {},
    symbol: Symbol("x"),
    hole: [undefined],
    circular,
  };
  for (const [name, value] of Object.entries(wrong)) {
    const answer = asPlainJson({ fine: 1, [name]: { inner: value } });
    assert.ok("issues" in answer, name);
    assert.equal(answer.issues.length, 1, name);
    assert.equal(answer.issues[0].path[0], name);
    assert.match(answer.issues[0].message, /^its schema makes .+ of it, which cannot be kept/);
  }
});

Deno.test("schemas that make what cannot be kept, throw or take their time are told at their line", async () => {
  using rig = await Rig.built();
  rig.write(
    "stages/odd.ts",
    `${STAGE_IMPORTS}
export default defineStage({
  description: "",
  params: z.object({
    when: z.string().transform((text) => new Date(text)),
    big: z.number().transform((x) => BigInt(x)),
    limit: z.number().transform(() => Infinity),
    slow: z.number().refine((x) => Promise.resolve(x > 3), "must be above 3"),
  }),
  inputs: {}, outputs: {}, run() {},
});
`,
  );
  rig.write(
    "pipeline.yaml",
    'stages: { odd: { params: {\n  when: "2001-12-14",\n  big: 1, limit: 2,\n  slow: 3 } } }\n',
  );
  const { status, stderr } = await rig.run(["-n"]);
  assert.equal(status, 2);
  const places = [...stderr.matchAll(/^pipeline.yaml:(\d+):\d+ param "(\w+)" of/gm)];
  assert.deepEqual(places.map(([, line, name]) => [line, name]), [["4", "slow"]]);

  rig.write("pipeline.yaml", rig.read("pipeline.yaml").replace("slow: 3", "slow: 4"));
  const again = await rig.run(["-n"]);
  assert.equal(again.status, 2);
  const kept = [...again.stderr.matchAll(/^pipeline.yaml:(\d+):\d+ param "(\w+)" of/gm)];
  assert.deepEqual(kept.map(([, line, name]) => [line, name]), [
    ["2", "when"],
    ["3", "big"],
    ["3", "limit"],
  ]);
});
