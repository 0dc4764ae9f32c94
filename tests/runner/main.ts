/**
 * Runs the tests: `deno task test [PATH...] [--filter NAME]`. Every file has a process of its own;
 * files that load native code run once per instruction set.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { instructionSets } from "./instruction_sets.ts";
import { RUN_ID_VARIABLE } from "./run_id.ts";
import { Report } from "./report.ts";
import { filesWithNativeCode, findTestFiles } from "./test_files.ts";
import { runTestFile, type TestRun } from "./test_process.ts";

const USAGE = `Usage: deno task test [PATH...] [--filter NAME]

  PATH       a test file, or a folder with *_test.ts (default: all but tests/cluster)
  --filter   only tests whose names contain NAME, or match it if it is a /pattern/`;

/** Exit statuses, as those of the pipeline. */
const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 };

/** A file that takes longer hangs: several times what the slowest takes on two cores. */
const LIMIT_MS = 600_000;

interface Options {
  readonly files: readonly string[];
  readonly filter: string | undefined;
}

interface Plan {
  readonly files: readonly string[];
  readonly runs: readonly TestRun[];
  /** Names of those that native code runs under. */
  readonly instructionSets: readonly string[];
}

if (import.meta.main) process.exitCode = await main(Deno.args);

async function main(args: readonly string[]): Promise<number> {
  let plan: Plan;
  try {
    plan = await planRuns(parseOptions(args));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return EXIT.usage;
  }
  if (!await typesAreRight(plan.files)) return EXIT.failed;
  Deno.env.set(RUN_ID_VARIABLE, crypto.randomUUID());
  const report = new Report(plan.instructionSets);
  await runAll(plan.runs, report);
  report.end();
  return report.failed === 0 ? EXIT.done : EXIT.failed;
}

/** `deno task test -- --filter x` passes the dashes on. */
function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: args[0] === "--" ? args.slice(1) : [...args],
    options: { filter: { type: "string" } },
    allowPositionals: true,
  });
  return { files: findTestFiles(positionals), filter: values.filter };
}

/** Checks all files in one go, many times faster than each for itself. */
async function typesAreRight(files: readonly string[]): Promise<boolean> {
  const check = new Deno.Command(Deno.execPath(), { args: ["check", "--quiet", ...files] });
  return (await check.spawn().status).success;
}

/** Native code first, as it takes longest. */
async function planRuns({ files, filter }: Options): Promise<Plan> {
  const native = await filesWithNativeCode(files);
  const sets = native.size === 0 ? [] : await instructionSets();
  const runs = [
    ...sets.flatMap(({ env }) => [...native].map((file) => ({ file, filter, env }))),
    ...files.filter((file) => !native.has(file)).map((file) => ({ file, filter })),
  ];
  return { files, runs, instructionSets: sets.map(({ name }) => name) };
}

/** As many at once as there are processors. A run on its own shows its output as it comes. */
async function runAll(runs: readonly TestRun[], report: Report): Promise<void> {
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => {
      interrupt.abort();
      Deno.exit(EXIT.interrupted);
    });
  }
  const isAlone = runs.length === 1;
  const onOutput = isAlone ? (text: string) => report.show(text) : undefined;
  const queue = runs.values();
  const work = async () => {
    for (const run of queue) {
      const signal = AbortSignal.any([interrupt.signal, AbortSignal.timeout(LIMIT_MS)]);
      report.add(run, await runTestFile(run, { signal, onOutput }), { isShown: isAlone });
    }
  };
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, work));
}
