/**
 * Checks a machine with an NVIDIA GPU in at most ten minutes: `deno task gpu-check`. Values, times
 * and memory, each by a check in a process of its own; ends with a Markdown table for an issue.
 *
 * @module
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { EXIT } from "../../lib/pipeline/base/errors.ts";
import { writeAtomically } from "../../lib/pipeline/base/files.ts";
import { suggestion } from "../../lib/pipeline/base/suggest.ts";
import { detectGpus } from "../../lib/tensorflow/machine/gpu.ts";
import { CHECKS, INSTALL } from "./checks.ts";
import { currentCommit, describeMachine, explainGpus, firstGpu } from "./machine.ts";
import { isFine, markdown, type Report } from "./report.ts";
import { runChecks } from "./run_checks.ts";

const TOTAL_SECONDS = 600;
const REPORT = fileURLToPath(new URL("../../artifacts/gpu-check.json", import.meta.url));

const USAGE = `Usage: deno task gpu-check [NAME...] [--json FILE] [--cpu]

Checks this machine's NVIDIA GPU in at most ten minutes, installs included: values, speed, memory.
Ends with a table to paste into an issue. Without a GPU it checks the CPU, at reduced sizes.

  NAME     a check to make (default: all): ${CHECKS.map(({ name }) => name).join(", ")}
  --json   where the report is written as JSON (default: artifacts/gpu-check.json)
  --cpu    leave the GPU alone

BENCH_PYTHON names a Python with PyTorch to compare with (default: python3).`;

interface Options {
  readonly names: readonly string[];
  readonly json: string;
  readonly cpu: boolean;
  readonly help: boolean;
}

if (import.meta.main) process.exitCode = await main(Deno.args);

async function main(args: string[]): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return EXIT.usage;
  }
  if (options.help) {
    console.log(USAGE);
    return EXIT.done;
  }
  return await check(options);
}

function parseOptions(args: string[]): Options {
  const { values, positionals: names } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: "string", default: REPORT },
      cpu: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const known = CHECKS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot check "${unknown}" as there is no such check: ${suggestion(unknown, known)}`,
    );
  }
  return { ...values, names };
}

async function check({ names, json, cpu }: Options): Promise<number> {
  const start = performance.now();
  const date = new Date().toISOString().slice(0, 10);
  const env = { CUDA_VISIBLE_DEVICES: cpu ? "-1" : firstGpu() };
  const gpus = await detectGpus({ visible: env.CUDA_VISIBLE_DEVICES });
  console.error(explainGpus(gpus));
  const { scale, versions, reports } = await interruptible((signal) =>
    runChecks({
      install: INSTALL,
      checks: CHECKS.filter(({ name }) => names.length === 0 || names.includes(name)),
      hasGpu: gpus.kind === "usable",
      env,
      totalSeconds: TOTAL_SECONDS,
    }, { print: (line) => console.error(line), signal })
  );
  const machine = describeMachine(gpus);
  const report: Report = {
    version: 1,
    date,
    commit: await currentCommit(),
    scale,
    seconds: (performance.now() - start) / 1000,
    machine: { ...machine, versions: { ...machine.versions, ...versions } },
    checks: reports,
  };
  writeAtomically(json, `${JSON.stringify(report, null, 2)}\n`);
  console.error(`The report is in ${json}. To paste into an issue:\n`);
  console.log(markdown(report));
  return isFine(report) ? EXIT.done : EXIT.stageFailed;
}

/** Does work that Ctrl-C ends early; what was found by then is still reported. */
async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    return await work(controller.signal);
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}
