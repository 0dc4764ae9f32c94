import assert from "node:assert/strict";
import { Rig } from "../rig.ts";

/** A pipeline with these stages, and the text that its errors make. */
async function assertErrors(
  text: string,
  expected: string,
  options: { args?: readonly string[]; files?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  using rig = await Rig.built();
  rig.write("pipeline.yaml", text);
  for (const [path, content] of Object.entries(options.files ?? {})) rig.write(path, content);
  const { status, stdout, stderr } = await rig.run(["-n", ...options.args ?? []]);
  assert.equal(stderr, expected);
  assert.equal(status, 2);
  assert.equal(stdout, "");
}

Deno.test("unknown keys are shown with their near misses, all at once and in order", async () => {
  await assertErrors(
    `prams: { n: 3 }
stages:
  make:
    parms: { count: 3 }
    resources: { gpus: 1, cpu: lots }
  double:
    needs: { values: { form: make } }
`,
    `pipeline.yaml:1:1 unknown key "prams"
1 | prams: { n: 3 }
    ^^^^^ did you mean "params"?

pipeline.yaml:4:5 unknown key "parms"
4 |     parms: { count: 3 }
        ^^^^^ did you mean "params"?

pipeline.yaml:5:18 unknown resource "gpus"
5 |     resources: { gpus: 1, cpu: lots }
                     ^^^^ did you mean "gpu"?

pipeline.yaml:5:32 the resource "cpu" must be a number, at least 0
5 |     resources: { gpus: 1, cpu: lots }
                                   ^^^^

pipeline.yaml:7:22 a need is STAGE[.OUTPUT][@axis=value,...]
7 |     needs: { values: { form: make } }
                         ^^^^^^^^^^^^^^

pipeline.yaml:7:24 unknown key "form"
7 |     needs: { values: { form: make } }
                           ^^^^ did you mean "from"?
`,
  );
});

Deno.test("unknown params, wrong types and references to nothing are shown", async () => {
  await assertErrors(
    `params: { n: 3 }
stages:
  make:
    params: { cuont: 3, count: many, prefix: \${m} }
  double:
    params:
      factor: "\${n} times"
    needs: { values: make }
`,
    `pipeline.yaml:4:15 stage "make" has no param "cuont"
4 |     params: { cuont: 3, count: many, prefix: \${m} }
                  ^^^^^ did you mean "count"?

pipeline.yaml:4:32 param "count" of stage "make": expected number, received string
4 |     params: { cuont: 3, count: many, prefix: \${m} }
                                   ^^^^ it is: How many numbers

pipeline.yaml:4:46 there is no param "m"
4 |     params: { cuont: 3, count: many, prefix: \${m} }
                                                 ^^^^ there is n

pipeline.yaml:7:15 param "factor" of stage "double": expected number, received string
7 |       factor: "\${n} times"
                  ^^^^^^^^^^^^ it is: What to multiply by
`,
  );
});

Deno.test("a param that is missing, and one that is out of its range, are shown", async () => {
  await assertErrors(
    "stages:\n  make: { params: { count: 0 } }\n  need: {}\n",
    `pipeline.yaml:2:28 param "count" of stage "make": Too small: expected number to be >=1
2 |   make: { params: { count: 0 } }
                               ^ it is: How many numbers

pipeline.yaml:3:3 param "size" of stage "need": expected number, received undefined
3 |   need: {}
      ^^^^ it is: A size
`,
    {
      files: {
        "stages/need.ts": `import { z } from "zod";
export default { description: "", params: z.object({ size: z.number().describe("A size") }),
  inputs: {}, outputs: {}, run() {} };`,
      },
    },
  );
});

Deno.test("cycles and missing needs are shown", async () => {
  await assertErrors(
    `stages:
  make: {}
  double: { needs: { values: triple.products } }
  triple: { module: stages/double.ts, needs: { values: double } }
  total: {}
`,
    `pipeline.yaml:4:56 stages need each other: double -> triple -> double
4 |   triple: { module: stages/double.ts, needs: { values: double } }
                                                           ^^^^^^

pipeline.yaml:5:3 stage "total" needs "parts"
5 |   total: {}
      ^^^^^ add "parts: STAGE" to its needs
`,
  );
});

Deno.test("needs of what is not there are shown", async () => {
  await assertErrors(
    `stages:
  make: {}
  double: { needs: { values: mkae } }
  triple: { module: stages/double.ts, needs: { values: make values } }
  total: { needs: { parts: double.product, more: make } }
  sum: { module: stages/total.ts, needs: { parts: total } }
  add: { module: stages/total.ts, needs: { parts: index } }
  index: {}
`,
    `pipeline.yaml:3:30 there is no stage "mkae"
3 |   double: { needs: { values: mkae } }
                                 ^^^^ did you mean "make"?

pipeline.yaml:4:56 a need is STAGE[.OUTPUT][@axis=value,...]
4 |   triple: { module: stages/double.ts, needs: { values: make values } }
                                                           ^^^^^^^^^^^

pipeline.yaml:5:28 "double" has no output "product"
5 |   total: { needs: { parts: double.product, more: make } }
                               ^^^^^^^^^^^^^^ did you mean "products"?

pipeline.yaml:5:44 stage "total" has no input "more"
5 |   total: { needs: { parts: double.product, more: make } }
                                               ^^^^ there is parts

pipeline.yaml:6:51 "total" has several outputs: report, sums
6 |   sum: { module: stages/total.ts, needs: { parts: total } }
                                                      ^^^^^ name one: total.OUTPUT

pipeline.yaml:7:51 "index.rows" lacks what "parts" reads: value
7 |   add: { module: stages/total.ts, needs: { parts: index } }
                                                      ^^^^^ it has size
`,
    {
      files: {
        "stages/index.ts": `import { z } from "zod";
const rows = { name: "rows", columns: { size: { kind: "int32", description: "" } } };
export default { description: "", params: z.object({}), inputs: {}, outputs: { rows }, run() {} };`,
      },
    },
  );
});

Deno.test("a comma that ends a need between braces is told apart from other slips", async () => {
  await assertErrors(
    `stages:
  make: { matrix: { seed: [1], size: [2] } }
  double: { needs: { values: make@seed=1,size=2 } }
`,
    `pipeline.yaml:3:42 "size=2" is not an input, but what follows a comma
3 |   double: { needs: { values: make@seed=1,size=2 } }
                                             ^^^^^^ put a need with several pins into quotes
`,
  );
});

Deno.test("joins that fit no instance or too many are shown", async () => {
  await assertErrors(
    `stages:
  make: { matrix: { seed: [1, 2] } }
  double: { needs: { values: make } }
  triple: { module: stages/double.ts, matrix: { seed: [2, 3] }, needs: { values: make } }
  four: { module: stages/double.ts, needs: { values: make@sede=1 } }
  five: { module: stages/double.ts, needs: { values: make@seed=7 } }
  six:
    module: stages/double.ts
    matrix: { factor: [1, 2] }
    needs: { values: { from: make@seed=1, when: { fcator: 1 } } }
  seven:
    module: stages/double.ts
    matrix: { factor: [1, 2] }
    needs: { values: { from: make@seed=1, when: { factor: 1 } } }
`,
    `pipeline.yaml:3:30 double takes one "values", and 2 instances fit: make@seed=1; make@seed=2
3 |   double: { needs: { values: make } }
                                 ^^^^ pin an axis by @axis=value, or add it to the matrix

pipeline.yaml:4:82 no instance of "make" fits triple@seed=3
4 |   triple: { module: stages/double.ts, matrix: { seed: [2, 3] }, needs: { values: make } }
                                                                                     ^^^^ it is there for seed 1, 2

pipeline.yaml:5:54 stage "make" has no axis "sede"
5 |   four: { module: stages/double.ts, needs: { values: make@sede=1 } }
                                                         ^^^^^^^^^^^ did you mean "seed"?

pipeline.yaml:6:54 axis "seed" of stage "make" has no value "7"
6 |   five: { module: stages/double.ts, needs: { values: make@seed=7 } }
                                                         ^^^^^^^^^^^ there is 1, 2

pipeline.yaml:10:51 stage "six" has no axis "fcator"
10 |     needs: { values: { from: make@seed=1, when: { fcator: 1 } } }
                                                       ^^^^^^ did you mean "factor"?

pipeline.yaml:14:30 stage "seven" always needs "values", so its need can have no "when"
14 |     needs: { values: { from: make@seed=1, when: { factor: 1 } } }
                                  ^^^^^^^^^^^ declare the input with optional()
`,
  );
});

Deno.test("several values in one entry of exclude are shown", async () => {
  await assertErrors(
    `stages:
  make: { matrix: { seed: [1, 2], exclude: [{ seed: [1, 2] }] } }
`,
    `pipeline.yaml:2:53 an entry of include or exclude has one value of each axis
2 |   make: { matrix: { seed: [1, 2], exclude: [{ seed: [1, 2] }] } }
                                                        ^^^^^^ write an entry for each of several values
`,
  );
});

Deno.test("axis values and matrices that cannot be are shown", async () => {
  await assertErrors(
    `stages:
  make: { matrix: { seed: [1, 1, x], mode: [a b], size: 3, exclude: [{ sede: 1 }], include: 4 } }
  other: { module: stages/make.ts, matrix: mkae }
  one: { module: stages/make.ts, matrix: two }
  two: { module: stages/make.ts, matrix: one }
`,
    `pipeline.yaml:2:31 the value "1" is there twice
2 |   make: { matrix: { seed: [1, 1, x], mode: [a b], size: 3, exclude: [{ sede: 1 }], include: 4 } }
                                  ^

pipeline.yaml:2:45 an axis value may not be empty, nor hold white space or any of , @ = / \\
2 |   make: { matrix: { seed: [1, 1, x], mode: [a b], size: 3, exclude: [{ sede: 1 }], include: 4 } }
                                                ^^^ give it a name: { name: { param: value } }

pipeline.yaml:2:51 axis "size" must be a list, or a mapping from names to params
2 |   make: { matrix: { seed: [1, 1, x], mode: [a b], size: 3, exclude: [{ sede: 1 }], include: 4 } }
                                                      ^^^^

pipeline.yaml:2:72 there is no axis "sede"
2 |   make: { matrix: { seed: [1, 1, x], mode: [a b], size: 3, exclude: [{ sede: 1 }], include: 4 } }
                                                                           ^^^^ did you mean "seed"?

pipeline.yaml:2:93 include and exclude are lists of mappings from axes to values
2 |   make: { matrix: { seed: [1, 1, x], mode: [a b], size: 3, exclude: [{ sede: 1 }], include: 4 } }
                                                                                                ^

pipeline.yaml:3:44 there is no stage "mkae" whose matrix this could be
3 |   other: { module: stages/make.ts, matrix: mkae }
                                               ^^^^ did you mean "make"?

pipeline.yaml:5:42 matrices refer to each other: one, two, one
5 |   two: { module: stages/make.ts, matrix: one }
                                             ^^^
`,
  );
  await assertErrors(
    "stages:\n  make: { matrix: { seed: [1, x] } }\n",
    `pipeline.yaml:2:31 a seed must be a whole number from 0: it is "x"
2 |   make: { matrix: { seed: [1, x] } }
                                  ^
`,
  );
});

Deno.test("YAML that cannot be read is shown at its place", async () => {
  await assertErrors(
    "stages:\n  make: { params: { count: 3 }\n  double: {}\n",
    `pipeline.yaml:3:3 Flow map in block collection must be sufficiently indented and end with a }
3 |   double: {}
      ^
`,
  );
  await assertErrors(
    "stages:\n  make: {}\n  make: {}\n",
    'pipeline.yaml:3:3 the key "make" is there twice\n3 |   make: {}\n      ^^^^\n',
  );
  await assertErrors(
    "stages:\n  make: { params: { prefix: *x } }\n",
    `pipeline.yaml:2:29 there is no anchor "&x" before this
2 |   make: { params: { prefix: *x } }
                                ^^
`,
  );
});

Deno.test("sections of another kind, and a file without any, are shown", async () => {
  await assertErrors(
    "name: 3\nstages: [make]\nparams: 4\n",
    `pipeline.yaml:1:7 "name" must be a text
1 | name: 3
          ^

pipeline.yaml:2:9 "stages" must be a mapping
2 | stages: [make]
            ^^^^^^

pipeline.yaml:3:9 "params" must be a mapping
3 | params: 4
            ^
`,
  );
  await assertErrors(
    "name: tiny\n",
    `pipeline.yaml:1:1 there are no stages
1 | name: tiny
    ^^^^^^^^^^ add \`stages:\` with at least one
`,
  );
});

Deno.test("modules that are missing or cannot be read or loaded are shown, with their own places", async () => {
  await assertErrors(
    `stages:
  maker: {}
  status: { module: stages/make.ts }
  broken: {}
  plain: {}
  lost: {}
`,
    `pipeline.yaml:2:3 the module of stage "maker" is not there: stages/maker.ts
2 |   maker: {}
      ^^^^^ write it, or name another by "module:"

pipeline.yaml:3:3 a stage may not be called "status", as a verb is
3 |   status: { module: stages/make.ts }
      ^^^^^^

pipeline.yaml:5:3 the module stages/plain.ts cannot be loaded: the module must export the result of defineStage by default
5 |   plain: {}
      ^^^^^

stages/broken.ts:2:1 Unexpected end of file
2 | ${""}
    ^

stages/lost.ts:1:15 Could not resolve "./nothing.ts"
1 | import x from "./nothing.ts"; export default x;
                  ^^^^^^^^^^^^^^
`,
    {
      files: {
        "stages/broken.ts": "export const x = (\n",
        "stages/plain.ts": "export default 3;\n",
        "stages/lost.ts": 'import x from "./nothing.ts"; export default x;\n',
      },
    },
  );
});

Deno.test("errors in a profile point into it, also where it overrides", async () => {
  await assertErrors(
    "params: { n: 3 }\nstages: { make: { params: { count: ${n} } } }\n",
    `profiles/large.yaml:3:21 stage "make" has no param "cuont"
3 |   make: { params: { cuont: 4, prefix: 5 } }
                        ^^^^^ did you mean "count"?

profiles/large.yaml:3:39 param "prefix" of stage "make": expected string, received number
3 |   make: { params: { cuont: 4, prefix: 5 } }
                                          ^ it is: What names start with

profiles/large.yaml:4:3 the module of stage "mkae" is not there: stages/mkae.ts
4 |   mkae: {}
      ^^^^ write it, or name another by "module:"
`,
    {
      args: ["-p", "large"],
      files: {
        "profiles/large.yaml":
          "params: { n: 4 }\nstages:\n  make: { params: { cuont: 4, prefix: 5 } }\n  mkae: {}\n",
      },
    },
  );
  await assertErrors(
    "stages: { make: {} }\n",
    'There is no profile "lagre": did you mean "large"?\n',
    { args: ["-p", "lagre"], files: { "profiles/large.yaml": "" } },
  );
});

Deno.test("errors in -S are shown in what was written", async () => {
  await assertErrors(
    "params: { views: 3 }\nstages: { make: {} }\n",
    `there is no param "veiws"
-S veiws=3
   ^^^^^ did you mean "views"?

there is no stage "maek"
-S maek.count=3
   ^^^^^^^^^^ did you mean "make"?

stage "make" has no param "cuont"
-S make.cuont=4
   ^^^^^^^^^^ did you mean "count"?

param "count" of stage "make": expected number, received string
-S make.count=many
              ^^^^ it is: How many numbers
`,
    {
      args: ["veiws=3", "maek.count=3", "make.cuont=4", "make.count=many"]
        .flatMap((override) => ["-S", override]),
    },
  );
  await assertErrors(
    "params: { n: 3 }\nstages: { make: {} }\n",
    "Flow sequence must end with a ]\n-S n=[1\n       ^\n",
    { args: ["-S", "n=[1"] },
  );
  await assertErrors(
    "stages: { make: {} }\n",
    'Cannot set "n" as -S takes key=value, e.g. -S STAGE.PARAM=3\n',
    { args: ["-S", "n"] },
  );
});

Deno.test("unknown flags, verbs' wrong flags and unknown targets are refused with a suggestion", async () => {
  using rig = await Rig.built();
  const refusal = async (...args: string[]) => {
    const { status, stderr } = await rig.run(args);
    assert.equal(status, 2);
    return stderr;
  };
  assert.equal(await refusal("--forze"), 'There is no flag --forze: did you mean "--force"?\n');
  assert.match(
    await refusal("status", "--jobs", "2"),
    /^"status" takes no --jobs: it takes --help, /,
  );
  assert.equal(await refusal("totla"), 'There is no stage "totla": did you mean "total"?\n');
  assert.equal(
    await refusal("double@fcator=2"),
    'Stage "double" has no axis "fcator": did you mean "factor"?\n',
  );
  assert.equal(
    await refusal("double@factor=7"),
    'Axis "factor" of stage "double" has no value "7": there is 2, 3\n',
  );
  assert.equal(
    await refusal("-j", "none"),
    'Cannot run as --jobs must be a whole number from 1: it is "none"\n',
  );
});
