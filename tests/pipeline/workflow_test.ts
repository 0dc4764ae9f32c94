import assert from "node:assert/strict";
import { parse } from "yaml";
import { Rig } from "./rig.ts";

/** How the workflows start Deno, as the README does. */
const LAUNCHER = "npx --yes deno@2.9.6";

interface Workflow {
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly if?: string; readonly run?: string }[] }>
  >;
}

function readWorkflow(name: string): Workflow {
  return parse(Deno.readTextFileSync(new URL(`../../.github/workflows/${name}`, import.meta.url)));
}

async function shell(rig: Rig, command: string): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", command],
    cwd: rig.folder,
    env: {
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "Test",
      GIT_AUTHOR_EMAIL: "test@example.org",
      GIT_COMMITTER_NAME: "Test",
      GIT_COMMITTER_EMAIL: "test@example.org",
    },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, text: decode(stdout) + decode(stderr) };
}

/**
 * Runs the report workflow's commands that hold unconditionally, up to the first that fails; but for
 * the judging of claims, which the tiny pipeline has none of.
 */
async function runReportWorkflow(rig: Rig): Promise<{ code: number; text: string }> {
  const steps = readWorkflow("report.yml").jobs.regenerate.steps;
  const commands = steps.flatMap((step) => step.if === undefined && step.run ? [step.run] : []);
  const [judge, ...others] = commands;
  assert.equal(judge, `${LAUNCHER} task pipeline claims`);
  assert.deepEqual(others, [`${LAUNCHER} task pipeline --frozen`, "git diff --exit-code"]);
  let last = { code: 0, text: "" };
  for (const command of others) {
    last = await shell(rig, command.replace(LAUNCHER, Deno.execPath()));
    if (last.code !== 0) break;
  }
  return last;
}

/** The tiny pipeline after a run, committed without its store, as a fresh checkout has it. */
async function committed(): Promise<Rig> {
  const rig = await Rig.built();
  Deno.removeSync(rig.path("artifacts"), { recursive: true });
  rig.write(".gitignore", "artifacts/\n");
  const { code, text } = await shell(rig, "git init -q && git add . && git commit -qm First");
  assert.equal(code, 0, text);
  return rig;
}

Deno.test("the report workflow regenerates what was committed, byte for byte", async () => {
  using rig = await committed();
  Deno.removeSync(rig.path("reports/summary.txt"));
  const { code, text } = await runReportWorkflow(rig);
  assert.equal(code, 0, text);
});

Deno.test("the report workflow fails where a report was edited by hand or is out of date", async () => {
  using rig = await committed();
  rig.write("reports/summary.txt", "All is well\n");
  await shell(rig, "git commit -qam Edit");
  const edited = await runReportWorkflow(rig);
  assert.equal(edited.code, 1);
  assert.match(edited.text, /Cannot publish "summary\.txt" of total as this report did not write/);

  await shell(rig, "git checkout -q .");
  rig.edit("scale.ts", "x * factor", "x * factor + 1");
  const stale = await runReportWorkflow(rig);
  assert.equal(stale.code, 3);
  assert.match(stale.text, /double@factor=2 {2}scale\.ts: what is used of it changed/);
});

Deno.test("the test workflow runs what .ci/run does", () => {
  const commands = readWorkflow("test.yml").jobs.test.steps.flatMap(({ run }) => run ?? []);
  assert.deepEqual(commands, [".ci/run"]);
});
