import { Ajv2020 } from "ajv/dist/2020.js";
import assert from "node:assert/strict";
import { parse } from "yaml";
import { Rig } from "../rig.ts";

const ROOT = new URL("../../../", import.meta.url);

/** What the schema says against a text; nothing if it is valid. */
async function validator(rig: Rig): Promise<(text: string) => string[]> {
  const { status, stderr } = await rig.run(["schema"]);
  assert.equal(status, 0, stderr);
  const validate = new Ajv2020({ strict: false, allErrors: true }).compile(
    JSON.parse(rig.read("pipeline.schema.json")),
  );
  return (text) => {
    validate(parse(text));
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}

Deno.test("the schema accepts a pipeline, its profiles and references, and rejects what is unknown", async () => {
  using rig = await Rig.built();
  const errors = await validator(rig);
  const text = rig.read("pipeline.yaml").replaceAll("${n}", '"${n}"')
    .replaceAll("${factors}", '"${factors}"');
  assert.deepEqual(errors(text), []);
  assert.deepEqual(errors("params: { n: 5 }\nstages: { make: { params: { count: 7 } } }"), []);
  assert.deepEqual(errors("stages: { double: null, total: { params: { title: null } } }"), []);
  assert.deepEqual(errors("stages: { more: { like: double, params: { factor: 7 } } }"), []);

  const has = (text: string, expected: RegExp) => assert.match(errors(text).join("\n"), expected);
  has(
    "stages: { make: { params: { cuont: 7 } } }",
    /\/stages\/make\/params must NOT have additional/,
  );
  has(
    "stages: { make: { params: { count: many } } }",
    /\/stages\/make\/params\/count must be integer/,
  );
  has("stages: { make: { nedes: {} } }", /\/stages\/make must NOT have additional properties/);
  has("stages: { double: { needs: { numbers: make } } }", /\/stages\/double\/needs must NOT have/);
  has(
    "stages: { more: { like: double, params: { fcator: 7 } } }",
    /\/stages\/more\/params must NOT/,
  );
  has("stage: {}", /must NOT have additional properties/);
});

Deno.test("the schema describes params and inputs, for an editor to show", async () => {
  using rig = await Rig.built();
  await rig.run(["schema"]);
  const { $defs, properties } = JSON.parse(rig.read("pipeline.schema.json"));
  const { count } = $defs["make.params"].anyOf[0].properties;
  assert.deepEqual([count.description, count.default], ["How many numbers", 3]);
  assert.equal($defs["double.needs"].anyOf[0].properties.values.description, "Reads value");
  assert.equal(properties.stages.properties.make.description, "Makes numbers");
});

Deno.test("the committed schema is what `deno task schema` writes now", async () => {
  const folder = Deno.makeTempDirSync();
  const committed = Deno.readTextFileSync(new URL("pipeline.schema.json", ROOT));
  try {
    const output = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "main.ts", "schema", "--print", "--artifacts", folder],
      cwd: ROOT,
    }).output();
    assert.equal(output.code, 0, new TextDecoder().decode(output.stderr));
    const current = new TextDecoder().decode(output.stdout);
    assert.ok(current === committed, "pipeline.schema.json is out of date: run `deno task schema`");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("the committed pipeline and its profiles are valid by the committed schema", () => {
  const read = (path: string) => Deno.readTextFileSync(new URL(path, ROOT));
  const validate = new Ajv2020({ strict: false, allErrors: true }).compile(
    JSON.parse(read("pipeline.schema.json")),
  );
  const profiles = [...Deno.readDirSync(new URL("profiles/", ROOT))].map(({ name }) => name)
    .filter((name) => name.endsWith(".yaml") && !name.endsWith(".lock.yaml"));
  for (const path of ["pipeline.yaml", ...profiles.map((name) => `profiles/${name}`)]) {
    // The engine reads ${name} unquoted also between braces, which YAML itself does not.
    validate(parse(read(path).replace(/(?<!["\w])\$\{(\w+)\}(?!")/g, '"$${$1}"')));
    assert.deepEqual(validate.errors ?? [], [], path);
  }
});

Deno.test("a plan that is remembered has its keys in the same order as when it was compiled", async () => {
  using rig = new Rig();
  await rig.run(["schema"]);
  const compiled = rig.read("pipeline.schema.json");
  await rig.run(["schema"]);
  assert.equal(rig.read("pipeline.schema.json"), compiled);
});
