/**
 * Measures the hot paths against their baselines:
 * `deno task bench [NAME...] [--rounds N] [--isa NAME] [--json]`.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { messageOf } from "../lib/base/message_of.ts";
import type { Bench, Measurement } from "./bench.ts";
import { instructionSetInUse, limitInstructionSet } from "./instruction_set.ts";

const USAGE = `Usage: deno task bench [NAME...] [--rounds N] [--isa NAME] [--json] [--list]

  NAME       a measurement to make (default: all); NAME/ makes its variants as well
  --rounds   how often the two sides take turns (default: 9)
  --isa      the instruction set to which both sides are limited: AVX2 (default: the processor's)
  --json     one JSON line a measurement
  --list     the names, without measuring

BENCH_PYTHON names the Python whose packages serve as baselines (default: python3).`;

/** Exit statuses, as those of the pipeline. */
const DONE = 0;
const FAILED = 1;
const USAGE_ERROR = 2;

/** The width of the table's first column. */
const NAME_WIDTH = 30;

interface Options {
  readonly names: readonly string[];
  readonly rounds: number;
  readonly isa: string | undefined;
  readonly json: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

if (import.meta.main) process.exitCode = await main(Deno.args);

async function main(args: string[]): Promise<number> {
  const all = await discover();
  let chosen: Bench[];
  let options: Options;
  try {
    options = parseOptions(args);
    chosen = choose(all, options.names);
    if (options.isa !== undefined) limitInstructionSet(options.isa);
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${USAGE}`);
    return USAGE_ERROR;
  }
  if (options.help) {
    console.log(USAGE);
    return DONE;
  }
  if (options.list) {
    for (const { name } of chosen) console.log(name);
    return DONE;
  }
  return await measure(chosen, options) ? DONE : FAILED;
}

function parseOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "9" },
      isa: { type: "string" },
      json: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(
      `Cannot measure as '--rounds' must be a positive integer: current value is ${values.rounds}`,
    );
  }
  return { ...values, isa: values.isa, rounds, names: positionals };
}

/** The measurements of all files `*_bench.ts` beside this one. */
async function discover(): Promise<Bench[]> {
  const folder = new URL(".", import.meta.url);
  const files: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith("_bench.ts")) files.push(name);
  }
  const modules: { benches: Bench[] }[] = await Promise.all(
    files.sort().map((file) => import(new URL(file, folder).href)),
  );
  return modules.flatMap(({ benches }) => benches);
}

function choose(all: Bench[], names: readonly string[]): Bench[] {
  const matches = (name: string, bench: Bench) =>
    bench.name === name || name.endsWith("/") && `${bench.name}/`.startsWith(name);
  const unknown = names.find((name) => !all.some((bench) => matches(name, bench)));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot measure '${unknown}' as there is no such name: use ` +
        all.map(({ name }) => name).join(", "),
    );
  }
  if (names.length === 0) return all;
  return all.filter((bench) => names.some((name) => matches(name, bench)));
}

/** Measures one after the other and prints each when it is there; false if one failed. */
async function measure(benches: Bench[], { rounds, json }: Options): Promise<boolean> {
  let allPassed = true;
  const instructionSet = await instructionSetInUse();
  if (!json) console.log(`Instruction set: ${instructionSet ?? "unknown"}`);
  if (!json) console.log(row("", "ours", "theirs", "ratio", "unit"));
  for (const bench of benches) {
    try {
      for (const measurement of await bench.run({ rounds })) {
        console.log(
          json ? JSON.stringify({ ...measurement, instructionSet }) : describe(measurement),
        );
      }
    } catch (error) {
      allPassed = false;
      console.error(`${bench.name} failed:`, error);
    }
  }
  return allPassed;
}

function describe({ bench, ours, theirs, ratio, unit, baseline, note }: Measurement): string {
  const number = (value: number | null) => value === null ? "-" : value.toPrecision(3);
  const line = row(bench, number(ours), number(theirs), number(ratio), unit ?? "ms");
  return `${line}  ${baseline}${note ? `\n${" ".repeat(NAME_WIDTH)}  ${note}` : ""}`;
}

function row(name: string, ...cells: string[]): string {
  const unit = cells.pop() as string;
  return name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(9)).join("") + `  ${unit}`;
}
