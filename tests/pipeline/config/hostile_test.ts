import assert from "node:assert/strict";
import { ConfigurationError } from "../../../lib/pipeline/base/errors.ts";
import { readConfig } from "../../../lib/pipeline/config/config.ts";
import { Problems, toPlain } from "../../../lib/pipeline/config/located.ts";
import type { Override } from "../../../lib/pipeline/config/override.ts";

/** What is wrong with a pipeline: place and message of each issue. */
function issuesOf(text: string, overrides: readonly Override[] = []): string[] {
  const problems = new Problems();
  try {
    readConfig({ pipeline: { file: "p.yaml", text }, profile: null, overrides }, problems);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.issues.push(...error.issues);
  }
  return problems.issues.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

/** The params of stage `a`. */
function paramsOf(text: string, overrides: readonly Override[] = []): Record<string, unknown> {
  const problems = new Problems();
  const sources = { pipeline: { file: "p.yaml", text }, profile: null, overrides };
  const { stages } = readConfig(sources, problems);
  assert.deepEqual(problems.issues, []);
  return Object.fromEntries([...stages[0].params].map(([name, node]) => [name, toPlain(node)]));
}

function stageWith(params: string): string {
  return `stages:\n  a: { params: { ${params} } }\n`;
}

Deno.test("aliases that multiply beyond all bounds are refused where they do", () => {
  const levels = Array.from({ length: 20 }, (_, i) => {
    const items = i === 0 ? "x" : Array(10).fill(`*a${i - 1}`).join(", ");
    return `  p${i}: &a${i} [${items}]`;
  });
  const issues = issuesOf(`params:\n${levels.join("\n")}\nstages: { a: {} }\n`);
  assert.match(issues[0], /^9:\d+ written out, the aliases in this make more than 4194304 charac/);
});

Deno.test("an alias inside its own anchor is refused", () => {
  assert.deepEqual(issuesOf("params: { x: &x [1, *x] }\nstages: { a: {} }\n"), [
    '1:21 "&x" contains itself',
  ]);
});

Deno.test("an alias takes the anchor before it, and keeps it when the name is given again", () => {
  const text = stageWith("one: &x [1], two: &y [*x], three: &x [2], four: *y, five: *x");
  assert.deepEqual(paramsOf(text), { one: [1], two: [[1]], three: [2], four: [[1]], five: [2] });
});

Deno.test("nesting is bounded, however deep it goes", () => {
  for (const depth of [65, 1000, 100_000]) {
    const [issue, ...others] = issuesOf(stageWith(`x: ${"[".repeat(depth)}${"]".repeat(depth)}`));
    assert.match(issue, /^\d+:\d+ there are more than 64 levels/);
    assert.deepEqual(others, []);
  }
  const indented = Array.from({ length: 500 }, (_, i) => `${" ".repeat(i)}k:`).join("\n");
  assert.match(issuesOf(indented)[0], /there are more than 64 levels/);
});

Deno.test("a file of more characters than can be meant is not parsed", () => {
  const issues = issuesOf(`stages: { a: {} }\n#${"x".repeat(2 ** 20)}\n`);
  assert.deepEqual(issues, ["1:1 there are 1048596 characters, at most 1048576 are read"]);
});

Deno.test("keys that would be the same param are refused, as are keys that are no names", () => {
  assert.deepEqual(issuesOf(stageWith("1: x, '1': y")), ['2:24 the key "1" is there twice']);
  assert.deepEqual(issuesOf(stageWith("0.10: x, 0.1: y")), ['2:27 the key "0.1" is there twice']);
  assert.deepEqual(issuesOf(stageWith("? [1] : x")), [
    "2:20 a key must be a text or a number",
  ]);
  assert.deepEqual(issuesOf(stageWith('"": x, ~: y')), [
    "2:18 a key must be a text or a number",
    "2:25 a key must be a text or a number",
  ]);
  assert.deepEqual(issuesOf(`base: &b { x: 1 }\n${stageWith("<<: *b")}`), [
    "3:18 merge keys are not supported",
  ]);
  assert.deepEqual(issuesOf('params: { "": 1, a-b: 2 }\nstages: { a: {} }\n'), [
    "1:11 a key must be a text or a number",
  ]);
  assert.deepEqual(issuesOf("params: { a-b: 2 }\nstages: { a: {} }\n"), [
    "1:11 a param's name is letters, digits and _",
  ]);
});

Deno.test("numbers that would become others are refused", () => {
  assert.deepEqual(issuesOf(stageWith("x: 1e400, y: .inf, z: .nan, n: 9007199254740993")), [
    "2:21 1e400 cannot be kept as a number",
    "2:31 .inf cannot be kept as a number",
    "2:40 .nan cannot be kept as a number",
    "2:49 9007199254740993 would be rounded to 9007199254740992",
  ]);
  assert.deepEqual(issuesOf("stages: { a: {} }", [{ key: "a.n", value: "-1e999" }]), [
    "1:5 -1e999 cannot be kept as a number",
  ]);
});

Deno.test("values that are neither texts, numbers nor booleans are refused", () => {
  assert.match(issuesOf(stageWith("x: !!set { y }")).join(), /^2:\d+ /);
  assert.match(issuesOf(stageWith("x: !money 3")).join(), /^2:21 Unresolved tag: !money/);
  assert.match(
    issuesOf("%YAML 1.1\n---\nstages: { a: { params: { x: 2001-12-14 } } }").join(),
    /^3/,
  );
  assert.match(issuesOf("stages: { a: {} }\n---\nstages: {}\n").join(), /multiple documents/);
});

Deno.test("params refer to each other, but not in a circle", () => {
  const text = "params: { a: ${b}, b: [${c}], c: 1 }\nstages: { a: { params: { x: ${a} } } }\n";
  assert.deepEqual(paramsOf(text), { x: [1] });
  assert.deepEqual(issuesOf("params: { a: ${b}, b: 'x${a}' }\nstages: { a: {} }\n"), [
    '1:23 param "a" refers to itself',
  ]);
});

Deno.test("a mapping, a list or nothing cannot stand inside a text", () => {
  const params = "params: { map: { x: 1 }, list: [1], none: null }\n";
  const values = "x: 'a${map}', y: 'a${list}', z: 'a${none}'";
  assert.deepEqual(issuesOf(params + stageWith(values)), [
    '3:21 param "map" is a mapping, which cannot stand inside a text',
    '3:35 param "list" is a list, which cannot stand inside a text',
    '3:50 param "none" is null, which cannot stand inside a text',
  ]);
});

Deno.test("references that multiply beyond all bounds are refused", () => {
  const grow = (of: (name: string) => string) =>
    Array.from({ length: 40 }, (_, i) => `p${i}: ${i === 0 ? "xx" : of(`\${p${i - 1}}`)}`);
  const params = (lines: string[]) => `params:\n  ${lines.join("\n  ")}\nstages: { a: {} }\n`;
  assert.match(issuesOf(params(grow((name) => `"${name}${name}"`)))[0], /^17:\d+ with its ref/);
  assert.match(issuesOf(params(grow((name) => `[${name}, ${name}]`)))[0], /^2\d:\d+ with its ref/);
});

Deno.test("what looks like a reference and is none is refused", () => {
  assert.deepEqual(issuesOf(`params: { a: 1 }\n${stageWith("x: 'v ${a-b}', y: '${ a }'")}`), [
    "3:21 ${a-b} refers to nothing: a param's name is letters, digits and _",
    "3:36 ${ a } refers to nothing: a param's name is letters, digits and _",
  ]);
});

Deno.test("an override reaches into mappings, and only into mappings", () => {
  const text =
    "params: { top: { n: 1, k: 2 } }\nstages: { a: { params: { deep: { n: 1, k: 2 }, n: 3 } } }";
  assert.deepEqual(paramsOf(text, [{ key: "a.deep.n", value: "4" }]), {
    deep: { n: 4, k: 2 },
    n: 3,
  });
  const refers = text.replace("n: 3", "n: ${top}");
  const { n } = paramsOf(refers, [{ key: "top.n", value: "5" }]);
  assert.deepEqual(n, { n: 5, k: 2 });
  assert.deepEqual(issuesOf(text, [{ key: "a.n.x", value: "4" }]), [
    '1:1 "a.n" is not a mapping, so nothing in it can be set',
  ]);
  assert.deepEqual(issuesOf(refers, [{ key: "a.n.k", value: "4" }]), [
    '1:1 "a.n" is not a mapping, so nothing in it can be set',
  ]);
  for (const key of ["a.", ".n", "a..n", ""]) {
    assert.deepEqual(issuesOf(text, [{ key, value: "4" }]), [`1:1 "${key}" is not a key`], key);
  }
});

Deno.test("names of axes and of their values cannot mean anything in a path", () => {
  const matrix = (text: string) => issuesOf(`stages:\n  a: { matrix: { ${text} } }\n`);
  assert.match(matrix('"../x": [1]').join(), /^2:18 an axis' name/);
  assert.match(matrix('"x/y": { k: {} }').join(), /^2:18 an axis' name/);
  assert.match(matrix('x: [".."]').join(), /^2:22 an axis value may not be "\.\."/);
  assert.match(matrix('x: ["a\\0b"]').join(), /^2:22 an axis value may not be empty/);
  assert.match(matrix('x: [""]').join(), /^2:22 an axis value may not be empty/);
  assert.match(matrix('x: [1], include: [{ x: "/../../y" }]').join(), /^2:41 an axis value/);
  assert.match(matrix('x: [1], include: [{ "../y": 1 }]').join(), /^2:38 an axis' name/);
});

Deno.test("names that every object has are names like others", () => {
  assert.deepEqual(paramsOf(stageWith("constructor: 1, __proto__: 2, toString: 3")), {
    constructor: 1,
    ["__proto__"]: 2,
    toString: 3,
  });
});
