import assert from "node:assert/strict";
import { readConfig } from "../../../lib/pipeline/config/config.ts";
import type { Override } from "../../../lib/pipeline/config/override.ts";
import { Problems, toPlain } from "../../../lib/pipeline/config/located.ts";

interface Texts {
  readonly profile?: string;
  readonly overrides?: readonly Override[];
}

function read(text: string, { profile, overrides = [] }: Texts = {}) {
  const problems = new Problems();
  const config = readConfig({
    pipeline: { file: "pipeline.yaml", text },
    profile: profile === undefined ? null : { file: "profiles/p.yaml", text: profile },
    overrides,
  }, problems);
  assert.deepEqual(problems.issues, []);
  return config;
}

/** The params of a stage as plain values. */
function paramsOf(config: ReturnType<typeof read>, stage: string): Record<string, unknown> {
  const { params } = config.stages.find(({ name }) => name === stage)!;
  return Object.fromEntries([...params].map(([name, node]) => [name, toPlain(node)]));
}

Deno.test("a reference takes the param's value and type, also unquoted between braces", () => {
  const config = read(
    "params: { n: 3, of: four, list: [1, 2] }\n" +
      'stages: { a: { params: { x: ${n}, y: [${n}, "${n}"], z: "${n} of ${of}", l: ${list} } } }',
  );
  assert.deepEqual(paramsOf(config, "a"), { x: 3, y: [3, 3], z: "3 of four", l: [1, 2] });
});

Deno.test("an alias stands for what its anchor marks", () => {
  const config = read("stages: { a: { params: { x: &big { n: 3 }, y: *big } } }");
  assert.deepEqual(paramsOf(config, "a"), { x: { n: 3 }, y: { n: 3 } });
});

Deno.test("of a profile maps merge, lists and scalars replace, and null removes", () => {
  const config = read(
    "params: { n: 3, seeds: [0, 1] }\n" +
      "stages: { a: { params: { x: ${n}, deep: { p: 1, q: 2 } } }, b: {}, c: {} }",
    {
      profile: "params: { n: 4, seeds: [7] }\n" +
        "stages: { a: { params: { deep: { q: 5 } } }, b: null, d: {} }",
    },
  );
  assert.deepEqual(config.params, { n: 4, seeds: [7] });
  assert.deepEqual(config.stages.map(({ name }) => name), ["a", "c", "d"]);
  assert.deepEqual(paramsOf(config, "a"), { x: 4, deep: { p: 1, q: 5 } });
});

Deno.test("a profile that holds only comments changes nothing", () => {
  assert.deepEqual(read("params: { n: 3 }\nstages: { a: {} }", { profile: "# nothing\n" }).params, {
    n: 3,
  });
});

Deno.test("an override sets a param of the pipeline or of a stage, over the profile, as YAML", () => {
  const config = read("params: { n: 3 }\nstages: { a: { params: { x: ${n} } }, b: {} }", {
    profile: "params: { n: 4 }",
    overrides: [
      { key: "n", value: "5" },
      { key: "b.list", value: "[1, two]" },
      { key: "b.ref", value: "${n}" },
      { key: "b.text", value: "a=b" },
    ],
  });
  assert.deepEqual(paramsOf(config, "a"), { x: 5 });
  assert.deepEqual(paramsOf(config, "b"), { list: [1, "two"], ref: 5, text: "a=b" });
});

Deno.test("a need names an output, pins and conditions", () => {
  const config = read(
    "stages: { a: { needs: { x: 's.out@i=1,j=b', y: { from: t, when: { k: [1, 2], l: z } } } } }",
  );
  const [x, y] = config.stages[0].needs;
  assert.deepEqual([x.stage, x.output, Object.fromEntries(x.pins)], ["s", "out", {
    i: "1",
    j: "b",
  }]);
  assert.deepEqual([y.stage, y.output, Object.fromEntries(y.when)], ["t", null, {
    k: ["1", "2"],
    l: ["z"],
  }]);
});

Deno.test("a need that a profile sets to null is none", () => {
  const config = read("stages: { a: { needs: { x: s, y: t } } }", {
    profile: "stages: { a: { needs: { x: null } } }",
  });
  assert.deepEqual(config.stages[0].needs.map(({ input }) => input), ["y"]);
});
