import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PipelineError } from "../../lib/pipeline/base/errors.ts";
import { openProject } from "../../lib/pipeline/config/project.ts";
import type { VerbContext } from "../../lib/pipeline/cli/verb.ts";
import { findDrift } from "../../lib/report/claims/drift.ts";
import { judgeClaims } from "../../lib/report/claims/evaluate.ts";
import { type ClaimRecord, parseClaimsJson, toRecord } from "../../lib/report/claims/json.ts";
import { toCsv } from "../../lib/report/render/data_table.ts";
import { FIGURES } from "../../lib/report/figures/all.ts";
import { claims } from "../../lib/report/verbs/claims.ts";
import {
  type CommittedReport,
  openCommittedReport,
} from "../../lib/report/verbs/committed_report.ts";
import { compare, reportDifferences } from "../../lib/report/verbs/compare.ts";
import { exportTable } from "../../lib/report/verbs/export.ts";
import { readReport } from "../../lib/report/verbs/report_files.ts";
import { traceClaim, traceFigure } from "../../lib/report/verbs/subject.ts";
import { traceOf } from "../../lib/report/verbs/trace_of.ts";
import { traceText } from "../../lib/report/verbs/trace_text.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PYTHON = Deno.env.get("BENCH_PYTHON") ?? "python3";
const temporary = Deno.makeTempDirSync();
globalThis.addEventListener("unload", () => Deno.removeSync(temporary, { recursive: true }));

function contextOf(
  { profile, reports, words = [], flags = {} }: {
    profile?: string;
    reports?: string;
    words?: string[];
    flags?: VerbContext["flags"];
  } = {},
): VerbContext {
  const file = join(ROOT, "pipeline.yaml");
  const project = openProject({ file, profile, reports, artifacts: join(temporary, "artifacts") });
  return { project, words, flags, requirements: {}, verbNames: [] };
}

function isCommitted(profile?: string): boolean {
  const { lockFile, reports } = contextOf({ profile }).project;
  return [lockFile, join(reports, "claims.json")].every((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

let opened: Promise<CommittedReport> | undefined;
const openDefault = () => opened ??= openCommittedReport(contextOf());
const ignore = !isCommitted();

/** What a verb printed, and its status. */
async function captured(run: () => Promise<number>) {
  const { log, error } = console;
  const out: string[] = [], err: string[] = [];
  console.log = (...parts) => void out.push(parts.join(" "));
  console.error = (...parts) => void err.push(parts.join(" "));
  try {
    return { status: await run(), out: out.join("\n"), err: err.join("\n") };
  } finally {
    Object.assign(console, { log, error });
  }
}

for (const profile of [undefined, "embedded-full"]) {
  Deno.test({
    name: `the committed outcomes of claims follow from the committed data: ${
      profile ?? "default"
    }`,
    ignore: !isCommitted(profile),
    fn: async () => {
      const { input, project } = await openCommittedReport(contextOf({ profile }));
      const path = join(project.reports, "claims.json");
      const committed = parseClaimsJson(Deno.readTextFileSync(path), path);
      assert.deepEqual(findDrift(committed, judgeClaims(input).map(toRecord)), []);
    },
  });
}

const record = (change: Partial<ClaimRecord> = {}): ClaimRecord => ({
  id: "benign",
  statement: "s",
  section: "4",
  outcome: "supported",
  n: 3,
  evidence: "e",
  data: "0123456789abcdef",
  ...change,
});

Deno.test("an outcome drifts if it changes and its data does not", () => {
  const other = record({ outcome: "not supported" });
  const drift = [{ id: "benign", committed: "supported", now: "not supported" }];
  assert.deepEqual(findDrift([record()], [other]), drift);
  assert.deepEqual(findDrift([record()], [{ ...other, data: "fedcba9876543210" }]), []);
  assert.deepEqual(findDrift([record({ data: undefined })], [other]), drift);
  assert.deepEqual(findDrift([record()], []), [{ ...drift[0], now: null }]);
  assert.deepEqual(findDrift([], [other]), []);
});

Deno.test({
  name: "claims writes what it found, and fails with claim, outcomes and remedy where one drifted",
  ignore,
  fn: async () => {
    const reports = join(temporary, "reports");
    const { project } = contextOf();
    Deno.mkdirSync(reports);
    Deno.symlinkSync(join(project.reports, "data"), join(reports, "data"));
    const context = contextOf({ reports });
    const path = join(reports, "claims.json");

    const first = await captured(() => claims(context));
    assert.equal(first.status, 0, first.err);
    assert.match(first.out, /^supported \(\d+\)\n {2}random-none-fits, n = 6: /);
    const written = Deno.readTextFileSync(path);
    const records = parseClaimsJson(written, path);

    const flipped = records.map((each) =>
      each.id === "benign" ? { ...each, outcome: "not supported" } : each
    );
    Deno.writeTextFileSync(path, JSON.stringify(flipped));
    const drifted = await captured(() => claims({ ...context, flags: { json: true } }));
    assert.equal(drifted.status, 1);
    assert.match(
      drifted.err,
      /benign: "not supported" in .*claims\.json, "supported" from the same/,
    );
    assert.match(drifted.err, /"deno task pipeline report" writes the new outcomes/);
    assert.deepEqual(JSON.parse(Deno.readTextFileSync(path)), flipped);
    const lines = drifted.out.split("\n").map((line) => JSON.parse(line));
    assert.equal(lines.filter(({ event }) => event === "claim").length, records.length);
    assert.equal(lines.at(-1).event, "drift");

    const older = flipped.map((each) => ({ ...each, data: "0".repeat(16) }));
    Deno.writeTextFileSync(path, JSON.stringify(older));
    assert.equal((await captured(() => claims(context))).status, 0);
    assert.equal(Deno.readTextFileSync(path), written);
  },
});

Deno.test({
  name: "tables that are not what the lock file records are refused by name, with a remedy",
  ignore,
  fn: async () => {
    const reports = join(temporary, "edited");
    const { project } = contextOf();
    Deno.mkdirSync(join(reports, "data"), { recursive: true });
    for (const { name } of Deno.readDirSync(join(project.reports, "data"))) {
      Deno.copyFileSync(join(project.reports, "data", name), join(reports, "data", name));
    }
    const table = join(reports, "data", "download.datasheet.arrow");
    Deno.writeTextFileSync(table, "edited");
    const refused = (message: RegExp) =>
      assert.rejects(openCommittedReport(contextOf({ reports })), (error: PipelineError) => {
        assert.match(error.message, message);
        assert.equal(error.status, 3);
        return true;
      });
    await refused(
      /download\.datasheet\.arrow has the SHA-256 .* as in .*: restore it from version/,
    );
    Deno.removeSync(table);
    await refused(/download\.datasheet\.arrow is missing: restore it/);
  },
});

Deno.test({
  name: "a figure's trace leads to the committed data and to the executions in the lock file",
  ignore,
  fn: async () => {
    const committed = await openDefault();
    const definition = FIGURES.find(({ id }) => id === "figure-3")!;
    const trace = await traceOf(committed, traceFigure(committed.input, definition));
    const file = join(committed.project.reports, "data", "figure-3.csv");
    assert.equal(toCsv(trace.data), Deno.readTextFileSync(file));
    assert.ok(trace.tables.length > 0);
    assert.ok(trace.tables.every(({ path }) => path.endsWith(".probe.arrow")));
    const stages = new Set(trace.instances.map(({ instance }) => instance.split("@")[0]));
    assert.deepEqual(
      [...stages].sort(),
      [
        ...["augment", "download", "labels_more", "probe", "probe_more"],
        ...["randomize_labels", "train", "train_more"],
      ],
    );
    for (const { instance, stageKey, codeKey, outputs } of trace.instances) {
      assert.equal(stageKey, committed.lock.instances[instance].key);
      assert.match(codeKey, /^[0-9a-f]{64}$/);
      assert.ok(Object.values(outputs).every((digest) => /^[0-9a-f]{64}$/.test(`${digest}`)));
    }
    assert.match(traceText(trace), /make again {2}deno task pipeline train@/);
  },
});

Deno.test({
  name: "a claim's trace gives its values and names the tables of its tests",
  ignore,
  fn: async () => {
    const { input } = await openDefault();
    const benign = input.claims.find(({ id }) => id === "benign")!;
    const { data, reads, runs, result } = traceClaim(input, benign);
    assert.equal(data.rows.length, 3);
    // What is asked for depends on INIT, which all runs of the main experiment have.
    assert.ok(runs.length > data.rows.length);
    assert.match(result, /, n = \d+: .*paired bootstrap over \d+ test images/);
    assert.deepEqual([...new Set(reads.map(({ input }) => input))], [
      "history",
      "probe",
      "predictions",
    ]);
    const missing = input.claims.find(({ id }) => id === "projector-width")!;
    assert.throws(() => traceClaim(input, missing), /as it was not run/);
  },
});

const READ_BACK = `
import json, sys, pyarrow.parquet, pyarrow.ipc, pyarrow.csv
for path in sys.argv[1:]:
    if path.endswith(".parquet"): table = pyarrow.parquet.read_table(path)
    elif path.endswith(".arrow"): table = pyarrow.ipc.open_file(path).read_all()
    else: table = pyarrow.csv.read_csv(path)
    print(json.dumps(table.to_pydict()))
`;

async function hasPyarrow(): Promise<boolean> {
  try {
    const args = ["-c", "import pyarrow.parquet"];
    return (await new Deno.Command(PYTHON, { args, stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

Deno.test({
  name: "exports hold the committed values in every format (needs pyarrow in BENCH_PYTHON)",
  ignore: ignore || !await hasPyarrow(),
  fn: async () => {
    const { input } = await openDefault();
    const { data } = traceFigure(input, FIGURES.find(({ id }) => id === "figure-2")!);
    const paths = ["csv", "parquet", "arrow"].map((end) => join(temporary, `figure-2.${end}`));
    for (const path of paths) await exportTable(path, data, "figure-2");
    const { success, stdout, stderr } = await new Deno.Command(PYTHON, {
      args: ["-c", READ_BACK, ...paths],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const read = new TextDecoder().decode(stdout).trimEnd().split("\n").map((line) =>
      JSON.parse(line.replaceAll("NaN", "null")) as Record<string, unknown[]>
    );
    const expected = data.rows.map((row) => row.map((value) => Number.isNaN(value) ? null : value));
    for (const [i, columns] of read.entries()) {
      assert.deepEqual(Object.keys(columns), data.columns, paths[i]);
      const rows = expected.map((_, row) => data.columns.map((name) => columns[name][row]));
      // CSV has no types: seeds come back as numbers.
      const texts = (table: unknown[][]) => table.map((row) => row.map((each) => `${each}`));
      assert.deepEqual(texts(rows), texts(expected), paths[i]);
    }
  },
});

Deno.test("an export to another format is refused with those that there are", async () => {
  const data = { columns: ["a"], rows: [[1]] };
  await assert.rejects(exportTable("a.xlsx", data, "a"), /must end in \.csv, \.parquet or \.arrow/);
});

function writeReport(name: string, knn: number, outcome: string, csv: string): string {
  const folder = join(temporary, name);
  Deno.mkdirSync(join(folder, "data"), { recursive: true });
  const summary = { knn: { init: { mean: knn, low: null } }, dataset: "textures" };
  Deno.writeTextFileSync(join(folder, "summary.json"), JSON.stringify(summary));
  Deno.writeTextFileSync(join(folder, "claims.json"), JSON.stringify([{ ...record(), outcome }]));
  Deno.writeTextFileSync(join(folder, "data", "figure-1.csv"), csv);
  return folder;
}

Deno.test("compare names the numbers, outcomes and figures that differ, and nothing else", async () => {
  const a = writeReport("a", 15.9, "supported", "x\r\n1\r\n");
  const b = writeReport("b", 16.4, "not supported", "x\r\n1\r\n2\r\n");
  const { project } = contextOf();
  const [first, second] = [await readReport(a, project), await readReport(b, project)];
  assert.deepEqual(reportDifferences(first, second), [
    { what: "number", name: "knn.init.mean", a: 15.9, b: 16.4 },
    { what: "claim", name: "benign", a: "supported", b: "not supported" },
    { what: "figure", name: "figure-1", a: "1 row", b: "2 rows" },
  ]);
  assert.deepEqual(reportDifferences(first, first), []);
  const { out, status } = await captured(() => compare(contextOf({ words: [a, b] })));
  assert.equal(status, 0);
  assert.match(out, /headline numbers\n {2}knn\.init\.mean +15\.9 +16\.4 +\+0\.5\n/);
  await assert.rejects(readReport("no-such-revision", project), /must be a report's folder, a git/);
});
