import assert from "node:assert/strict";
import { readConfig } from "../../../lib/pipeline/config/config.ts";
import { Problems } from "../../../lib/pipeline/config/located.ts";
import { Joiner } from "../../../lib/pipeline/plan/joiner.ts";
import { expandMatrices } from "../../../lib/pipeline/plan/matrix.ts";
import { instanceName } from "../../../lib/pipeline/plan/plan.ts";

function read(text: string) {
  const problems = new Problems();
  const pipeline = { file: "pipeline.yaml", text };
  const config = readConfig({ pipeline, profile: null, overrides: [] }, problems);
  const combinations = expandMatrices(config.stages, problems);
  assert.deepEqual(problems.issues, []);
  return { config, combinations };
}

/** The instances of stage `a` with a matrix in YAML. */
function instances(matrix: string): string[] {
  const { combinations } = read(`params: { seeds: [0, 1] }\nstages: { a: { matrix: ${matrix} } }`);
  return combinations.get("a")!.map(({ axes }) => instanceName("a", axes));
}

Deno.test("axes multiply in the order in which they are written", () => {
  assert.deepEqual(instances("{ x: [1, 2], y: [a, b] }"), [
    "a@x=1,y=a",
    "a@x=1,y=b",
    "a@x=2,y=a",
    "a@x=2,y=b",
  ]);
});

Deno.test("a stage without a matrix has one instance, and an empty axis makes none", () => {
  assert.deepEqual(instances("{}"), ["a"]);
  assert.deepEqual(instances("{ x: [], y: [1] }"), []);
});

/** What is wrong with a matrix. */
function problemsOf(matrix: string): string[] {
  const problems = new Problems();
  const text = `stages: { a: { matrix: ${matrix} } }`;
  const pipeline = { file: "pipeline.yaml", text };
  const { stages } = readConfig({ pipeline, profile: null, overrides: [] }, problems);
  expandMatrices(stages, problems);
  return problems.issues.map(({ column, message }) => `${column} ${message}`);
}

Deno.test("a matrix of more combinations than can be run is refused before it is made", () => {
  const axis = (name: string) => `${name}: [${Array.from({ length: 1000 }, (_, i) => i)}]`;
  assert.deepEqual(problemsOf(`{ ${["x", "y", "z"].map(axis).join(", ")} }`), [
    '11 the matrix of stage "a" has 1000000000 combinations, and at most 100000 are possible',
  ]);
});

Deno.test("an included combination that is there already is refused", () => {
  const twice = "the matrix has this combination already";
  assert.deepEqual(problemsOf("{ x: [1], y: [a], include: [{ y: a, x: 1 }] }"), [`54 ${twice}`]);
  assert.deepEqual(problemsOf("{ x: [1], include: [{ x: 2 }, { x: 2 }] }"), [`56 ${twice}`]);
  assert.deepEqual(problemsOf("{ x: [1, 2], exclude: [{ x: 1 }], include: [{ x: 1 }] }"), []);
});

Deno.test("an included combination has its axes in the order of the matrix", () => {
  assert.deepEqual(instances("{ x: [1], y: [a], include: [{ y: b, x: 2 }] }"), [
    "a@x=1,y=a",
    "a@x=2,y=b",
  ]);
});

Deno.test("an axis may be a param of the pipeline", () => {
  assert.deepEqual(instances("{ seed: ${seeds} }"), ["a@seed=0", "a@seed=1"]);
});

Deno.test("exclude takes combinations out, and include adds its own", () => {
  assert.deepEqual(instances("{ x: [1, 2], y: [1, 2], exclude: [{ x: 1, y: 2 }] }"), [
    "a@x=1,y=1",
    "a@x=2,y=1",
    "a@x=2,y=2",
  ]);
  assert.deepEqual(instances("{ x: [1], include: [{ x: 9 }] }"), ["a@x=1", "a@x=9"]);
});

Deno.test("a named value carries the params that it sets", () => {
  const { combinations } = read("stages: { a: { matrix: { m: { p: { n: 1 }, q: { n: 2 } } } } }");
  const params = combinations.get("a")!.map(({ values }) => [...values.get("m")!.params!.keys()]);
  assert.deepEqual(params, [["n"], ["n"]]);
});

Deno.test("a stage may take another's matrix, whatever the order of the two", () => {
  const { combinations } = read("stages: { b: { matrix: a }, a: { matrix: { x: [1, 2] } } }");
  assert.deepEqual(
    combinations.get("b")!.map(({ axes }) => axes),
    [{ x: "1" }, { x: "2" }],
  );
});

/** What an instance of `b` receives of `a` by a need in YAML. */
function joined(need: string, axes: Record<string, string>): string[] {
  const { config, combinations } = read(
    `stages: { a: { matrix: { x: [1, 2], y: [1, 2] } }, b: { needs: { in: "${need}" } } }`,
  );
  const joiner = new Joiner(combinations.get("a")!, config.stages[1].needs[0]);
  return joiner.join(axes).map((each) => instanceName("a", each.axes));
}

Deno.test("instances join on the axes that both have", () => {
  assert.deepEqual(joined("a", { x: "2", y: "1" }), ["a@x=2,y=1"]);
  assert.deepEqual(joined("a", { x: "2", other: "7" }), ["a@x=2,y=1", "a@x=2,y=2"]);
  assert.equal(joined("a", {}).length, 4);
  assert.deepEqual(joined("a", { x: "3" }), []);
});

Deno.test("a pin takes the place of the consumer's own axis value", () => {
  assert.deepEqual(joined("a@x=1", { x: "2", y: "2" }), ["a@x=1,y=2"]);
  assert.deepEqual(joined("a@x=1,y=1", {}), ["a@x=1,y=1"]);
});
