import assert from "node:assert/strict";
import type { ForecastLine } from "../../../lib/pipeline/freshness/forecast.ts";
import { jsonLines, Rig } from "../rig.ts";

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
