import assert from "node:assert/strict";
import type { ForecastLine } from "../../../lib/pipeline/freshness/forecast.ts";
import { jsonLines, Rig, STAGE_IMPORTS } from "../rig.ts";

/** What a run may make of each forecast. */
const AGREES: Readonly<Record<ForecastLine["outcome"], readonly string[]>> = {
  fresh: ["fresh"],
  restore: ["restored"],
  run: ["ran"],
  pending: ["ran", "restored", "fresh"],
};

/** Asserts that a dry run tells what the run after it does, and why; returns the forecast. */
async function assertAgreement(
  rig: Rig,
  args: readonly string[] = [],
): Promise<Record<string, ForecastLine>> {
  const { stdout } = await rig.run([...args, "-n", "--json"]);
  const lines = jsonLines(stdout) as unknown as ForecastLine[];
  const ends = await rig.outcomes(args);
  assert.deepEqual(lines.map(({ instance }) => instance).sort(), Object.keys(ends).sort());
  for (const { instance, outcome, expected, reason, key } of lines) {
    // Which of two instances with one key executes depends on which is ready first.
    const isTwin = key !== null &&
      lines.some((other) => other.key === key && other.instance !== instance);
    const end = ends[instance];
    if (isTwin) {
      assert.ok(["ran", "restored"].includes(end.outcome));
      continue;
    }
    const what =
      `${instance}: forecast ${outcome} (${reason}), came out ${end.outcome} (${end.reason})`;
    assert.ok(AGREES[outcome].includes(end.outcome), what);
    if (expected === "fresh") assert.equal(end.outcome, "fresh", what);
    if (expected === "run") assert.equal(end.outcome, "ran", what);
    if (key !== null) assert.equal(end.key, key, what);
    if (outcome === "run" || outcome === "fresh") assert.equal(end.reason, reason, what);
  }
  return Object.fromEntries(lines.map((line) => [line.instance, line]));
}

function outcomes(lines: Record<string, ForecastLine>): string[] {
  return Object.values(lines).map(({ outcome, expected }) => expected ?? outcome);
}

Deno.test("a dry run agrees with the first run, and with a run in which all is fresh", async () => {
  using rig = new Rig();
  assert.deepEqual(outcomes(await assertAgreement(rig)), ["run", "open", "open", "open"]);
  assert.deepEqual(outcomes(await assertAgreement(rig)), ["fresh", "fresh", "fresh", "fresh"]);
});

Deno.test("a dry run agrees where params, code and axes changed, and where they are set back", async () => {
  using rig = await Rig.built();
  rig.edit("stages/total.ts", "[params.title, ...lines]", "[...lines, params.title]");
  const code = await assertAgreement(rig);
  assert.equal(code.total.reason, "stages/total.ts: `run` changed");

  await assertAgreement(rig, ["-S", "make.prefix=m"]);
  const back = await assertAgreement(rig);
  assert.equal(back.make.outcome, "restore");

  const axes = await assertAgreement(rig, ["-S", "factors=[2, 3, 4]"]);
  assert.deepEqual(outcomes(axes), ["fresh", "fresh", "fresh", "run", "open"]);
});

Deno.test("a dry run agrees where results are lost, and expects consumers to be cut off", async () => {
  using rig = await Rig.built();
  const blob = Deno.realPathSync(rig.path("artifacts/latest/make/values.arrow"));
  Deno.removeSync(blob);
  const lost = await assertAgreement(rig);
  assert.deepEqual(outcomes(lost), ["run", "fresh", "fresh", "fresh"]);
  assert.equal(lost.make.reason, "its result is missing from the store or damaged");
  assert.equal(
    lost.total.reason,
    "after double@factor=2 and 1 more; expected to be cut off, as that is only made again",
  );
});

Deno.test("a dry run finds a damaged blob that the run would read", async () => {
  using rig = await Rig.built();
  const blob = Deno.realPathSync(rig.path("artifacts/latest/make/values.arrow"));
  const bytes = Deno.readFileSync(blob);
  bytes[bytes.length >> 1] ^= 1;
  Deno.writeFileSync(blob, bytes);
  assert.deepEqual(outcomes(await assertAgreement(rig)), ["fresh", "fresh", "fresh", "fresh"]);
  const damaged = await assertAgreement(rig, ["-S", "factors=[2, 3, 4]"]);
  assert.deepEqual(outcomes(damaged), ["run", "fresh", "fresh", "run", "open"]);
});

/** Two sources, and a stage that reads both. */
async function forked(): Promise<Rig> {
  const source = (start: number) =>
    `${STAGE_IMPORTS}
import { valueSchema } from "../schemas.ts";
export default defineStage({
  description: "Makes a number",
  params: z.object({ start: z.number().default(${start}) }),
  inputs: {},
  outputs: { values: valueSchema.pick("value") },
  run({ params, outputs }) {
    outputs.values.append({ value: Float64Array.of(params.start) });
  },
});
`;
  const rig = new Rig({
    "pipeline.yaml": `name: forked
params: { start: 1 }
stages:
  left: { params: { start: \${start} } }
  right: {}
  sum: { needs: { a: left, b: right } }
`,
    "stages/left.ts": source(1),
    "stages/right.ts": source(2),
    "stages/sum.ts": `${STAGE_IMPORTS}
import { valueSchema } from "../schemas.ts";
const values = valueSchema.pick("value");
export default defineStage({
  description: "Adds",
  params: z.object({}),
  inputs: { a: values, b: values },
  outputs: { sum: values },
  run({ inputs: { a, b }, outputs }) {
    outputs.sum.append({ value: Float64Array.of(a.column("value")[0] + b.column("value")[0]) });
  },
});
`,
  });
  assert.equal((await rig.run()).status, 0);
  return rig;
}

function damage(path: string): void {
  const blob = Deno.realPathSync(path);
  const bytes = Deno.readFileSync(blob);
  bytes[bytes.length >> 1] ^= 1;
  Deno.chmodSync(blob, 0o644);
  Deno.writeFileSync(blob, bytes);
}

Deno.test("a dry run finds the damaged inputs of instances that wait for others", async () => {
  using rig = await forked();
  damage(rig.path("artifacts/latest/right/values.arrow"));
  assert.deepEqual(outcomes(await assertAgreement(rig)), ["fresh", "fresh", "fresh"]);
  // What waits surely runs.
  Deno.removeSync(Deno.realPathSync(rig.path("artifacts/latest/left/values.arrow")));
  rig.edit("stages/sum.ts", "[0] + b", "[0] - b");
  const surely = await assertAgreement(rig);
  assert.deepEqual(outcomes(surely), ["run", "run", "run"]);
  assert.equal(surely.sum.outcome, "pending");
  assert.equal(surely.right.reason, "its result is missing from the store or damaged");

  damage(rig.path("artifacts/latest/right/values.arrow"));
  const maybe = await assertAgreement(rig, ["-S", "start=7"]);
  assert.deepEqual(outcomes(maybe), ["run", "open", "open"]);
  assert.equal(
    maybe.right.reason,
    "its result is missing from the store or damaged; made again if sum runs",
  );
});

Deno.test("instances of one key that share a damaged blob count as one execution", async () => {
  using rig = new Rig();
  rig.edit("pipeline.yaml", "${factors}", "{ one: { factor: 2 }, two: { factor: 2 } }");
  await rig.run();
  damage(rig.path("artifacts/latest/double@factor=two/products.arrow"));
  rig.edit("stages/total.ts", '"Sums"', '"Totals"');
  const { stdout } = await rig.run(["-n", "--json"]);
  const lines = jsonLines(stdout) as unknown as ForecastLine[];
  assert.deepEqual(lines.map(({ outcome }) => outcome), ["fresh", "run", "fresh", "run"]);
  const ends = Object.values(await rig.outcomes());
  assert.deepEqual(
    ends.map(({ instance, outcome }) => `${instance} ${outcome}`).sort(),
    ["double@factor=one ran", "double@factor=two fresh", "make fresh", "total ran"],
  );
});

Deno.test("stages that publish the same damaged content count as one execution", async () => {
  using rig = new Rig();
  rig.edit(
    "pipeline.yaml",
    "  total:",
    "  sums: { like: total, params: { file: sums.txt } }\n  total:",
  );
  rig.edit("stages/total.ts", "title:", 'file: z.string().default("summary.txt"), title:');
  rig.edit("stages/total.ts", 'write("summary.txt"', "write(params.file");
  await rig.run();
  const { outputs } = JSON.parse(rig.read("artifacts/latest/sums/manifest.json")).content;
  damage(rig.path("artifacts/cas", outputs.report.files["sums.txt"].file));
  for (const name of ["summary", "sums"]) Deno.removeSync(rig.path(`reports/${name}.txt`));
  const lines = await assertAgreement(rig);
  assert.deepEqual([lines.sums.outcome, lines.total.outcome], ["run", "fresh"]);
  assert.equal(rig.read("reports/sums.txt"), rig.read("reports/summary.txt"));
});

Deno.test("a dry run agrees with --force, --force-from and targets", async () => {
  using rig = await Rig.built();
  const from = await assertAgreement(rig, ["-R", "double"]);
  assert.deepEqual(outcomes(from), ["fresh", "run", "run", "run"]);
  const forced = await assertAgreement(rig, ["make", "--force"]);
  assert.deepEqual(outcomes(forced), ["run"]);
  const target = await assertAgreement(rig, ["double@factor=2", "--force"]);
  assert.deepEqual(outcomes(target), ["fresh", "run"]);
});

Deno.test("of two instances with one key a dry run counts one execution", async () => {
  using rig = await Rig.built();
  rig.edit("pipeline.yaml", "${factors}", "{ two: { factor: 7 }, deux: { factor: 7 } }");
  const lines = await assertAgreement(rig);
  assert.deepEqual(outcomes(lines), ["fresh", "run", "restore", "open"]);
  assert.equal(lines["double@factor=two"].key, lines["double@factor=deux"].key);
  assert.equal(lines["double@factor=deux"].reason, "shares the result of double@factor=two");
});

Deno.test("a dry run prices what it lists and writes nothing", async () => {
  using rig = await Rig.built();
  const before = rig.snapshot("reports");
  const { stdout } = await rig.run(["-n", "-S", "n=4", "-j", "2"]);
  const lines = stdout.split("\n").map((line) =>
    line.replaceAll(/\d+\.\d s/g, "T s").replaceAll(/ {2,}/g, "  ")
  );
  assert.deepEqual(lines, [
    "run  make  params.count 3 -> 4  (T s last time)",
    "pending  double@factor=2  after make; cut off if that changes nothing it reads  (T s last time)",
    "pending  double@factor=3  after make; cut off if that changes nothing it reads  (T s last time)",
    "pending  total  after double@factor=2 and 1 more; cut off if that changes nothing it reads" +
    "  (T s last time)",
    "0 fresh, 0 to restore, 1 to run, 3 pending; at most T s of work, T s on 2 slots",
    "",
  ]);
  assert.deepEqual(rig.snapshot("reports"), before);
});
