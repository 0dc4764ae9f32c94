import assert from "node:assert/strict";
import { Rig, STAGE_IMPORTS } from "../rig.ts";

/** Names that every object of JavaScript answers to. */
const INHERITED = ["toString", "constructor", "hasOwnProperty", "__proto__"];

Deno.test("a name that every object has is no verb, stage, axis or output unless it is declared", async () => {
  using rig = await Rig.built();
  for (const name of INHERITED) {
    for (const args of [[name], ["status", name], ["-R", name], [`double@${name}=1`]]) {
      const { status, stderr } = await rig.run(
        ["-n", ...args].filter((arg) => arg !== "-n" || args[0] !== "status"),
      );
      assert.equal(status, 2, `${args}: ${stderr}`);
      assert.match(stderr, /There is no stage|has no axis/, `${args}`);
    }
    const pipeline = "stages: { make: {}, double: { needs: { values: make." + name + " } } }";
    rig.write("pipeline.yaml", pipeline);
    const { stderr } = await rig.run(["-n"]);
    assert.match(stderr, new RegExp(`"make" has no output "${name}"`));
    rig.write(
      "pipeline.yaml",
      `stages: { make: { params: { ${name}: 1 }, needs: { ${name}: make } } }`,
    );
    const wrong = await rig.run(["-n"]);
    assert.match(wrong.stderr, new RegExp(`stage "make" has no param "${name}"`));
    assert.match(wrong.stderr, new RegExp(`stage "make" has no input "${name}"`));
    rig.write("pipeline.yaml", "stages: { make: {}, double: { needs: { values: make } } }");
  }
});

Deno.test("stages, axes, params, inputs and outputs of such names work like others", async () => {
  using rig = await Rig.built();
  rig.write(
    "stages/constructor.ts",
    `${STAGE_IMPORTS}
const schema = defineSchema("numbers", { value: float64("A number") });
export default defineStage({
  description: "",
  params: z.object({ toString: z.number() }),
  inputs: { constructor: optional(schema) },
  outputs: { valueOf: committed(schema) },
  run({ params, inputs, outputs }) {
    const before = inputs.constructor?.column("value")[0] ?? 0;
    outputs.valueOf.append({ value: Float64Array.of(before + params.toString) });
  },
});
`,
  );
  rig.write(
    "pipeline.yaml",
    `stages:
  constructor: { params: { toString: 1 } }
  hasOwnProperty:
    module: stages/constructor.ts
    matrix: { toString: [10, 20] }
    needs: { constructor: constructor }
`,
  );
  const first = await rig.outcomes();
  assert.deepEqual(Object.values(first).map(({ outcome }) => outcome), ["ran", "ran", "ran"]);
  const again = await rig.outcomes();
  assert.deepEqual(Object.values(again).map(({ outcome }) => outcome), ["fresh", "fresh", "fresh"]);
});
