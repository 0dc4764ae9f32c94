import assert from "node:assert/strict";
import { Rig } from "../rig.ts";

async function draw(rig: Rig, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await rig.run(["dag", ...args]);
  assert.equal(status, 0, stderr);
  return stdout;
}

Deno.test("dag lists the stages with what a run would do and what they need", async () => {
  using rig = await Rig.built();
  assert.equal(
    await draw(rig, "-S", "factors=[2, 5]"),
    `make    1 fresh
double  1 to run, 1 fresh  <- make.values
total   1 pending          <- double.products
`,
  );
});

Deno.test("dag of a target shows its instances", async () => {
  using rig = await Rig.built();
  assert.equal(
    await draw(rig, "double@factor=3"),
    "make             fresh\ndouble@factor=3  fresh  <- make.values\n",
  );
});

Deno.test("dag draws Mermaid and DOT with a colour for each state", async () => {
  using rig = await Rig.built();
  assert.equal(
    await draw(rig, "--mermaid", "-S", "total.title=Totals"),
    `flowchart TD
  n0["make<br>1 fresh"]:::fresh
  n1["double<br>2 fresh"]:::fresh
  n2["total<br>1 to run"]:::run
  n0 -->|values| n1
  n1 -->|products| n2
  classDef fresh fill:#d5efdb,stroke:#555,color:#111
  classDef run fill:#fbd9b5,stroke:#555,color:#111
`,
  );
  const dot = await draw(rig, "--dot");
  assert.match(dot, /^digraph pipeline \{\n/);
  assert.match(dot, /"double" \[label="double\\n2 fresh", fillcolor="#d5efdb"\]/);
  assert.match(dot, /"make" -> "double" \[label="values"\]/);
});

Deno.test("dag draws an SVG with a box for each stage", async () => {
  using rig = await Rig.built();
  const svg = await draw(rig, "--svg");
  assert.match(svg, /^<\?xml/);
  assert.equal(svg.match(/class="node"/g)?.length, 3);
  assert.equal(svg.match(/class="edge"/g)?.length, 2);
  assert.match(svg, />2 fresh<\/text>/);
});

Deno.test("dag takes one format", async () => {
  using rig = await Rig.built();
  const { status, stderr } = await rig.run(["dag", "--svg", "--dot"]);
  assert.equal(status, 2);
  assert.match(stderr, /one format is needed: --dot and --svg are given/);
});
