/**
 * Searches for operations that the native library must not be given: those that write where they
 * must not, hang, or have wrong results. See docs/onednn.md.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { findLibrary } from "../../lib/tensorflow/install/library.ts";
import { type Case, describe } from "./case.ts";
import type { Way } from "./child.ts";
import { runChild, type Setting } from "./child_process.ts";
import { casesIn, gridSize, type Stretch } from "./grid.ts";
import { distinctInstructionSets, hasBfloat16 } from "./instruction_sets.ts";
import { search } from "./search.ts";

const USAGE = `Usage: deno task library-check [--way WAY]... [--isa NAME]... [--threads N]...
         [--operation NAME]... [--from PLACE] [--seconds N] [--json]

Has the TensorFlow library compute convolutions, their gradients and matrix products of many shapes,
in child processes under glibc's checking allocator, and compares all values with plain loops in
double precision. Exits with 1 if a case ends its process or is wrong.

  --way        who computes: eager or recorded, the operations of which the networks are made
               (default: both); library, TensorFlow's own, for what the library does by itself
  --isa        limits oneDNN to an instruction set, by a value of ONEDNN_MAX_CPU_ISA
               (default: each that makes a difference on this machine)
  --threads    threads of the library (default: 1 and 2)
  --operation  convolution or product (default: both)
  --from       where to begin: the search prints how far it came (default: 0)
  --seconds    for each combination of the above; 0 for all places (default: 60)
  --json       one line of JSON for each finding and each combination

The same places are the same cases everywhere. All convolutions are ${
  gridSize("convolution").toLocaleString("en")
} places, all
products ${gridSize("product").toLocaleString("en")}.`;

/** Exit statuses, as those of the pipeline. */
const NOTHING_FOUND = 0;
const FOUND = 1;
const USAGE_ERROR = 2;

/** Places of a child process: starting one takes as long as some dozens of cases. */
const PLACES_PER_CHILD = 500;

const WAYS: readonly Way[] = ["library", "eager", "recorded"];
const OPERATIONS: readonly Case["operation"][] = ["convolution", "product"];

interface Options {
  readonly ways: readonly Way[];
  /** Undefined for those that make a difference here. */
  readonly isa: readonly string[] | undefined;
  readonly threads: readonly number[];
  readonly operations: readonly Case["operation"][];
  readonly from: number;
  /** Infinity for no limit. */
  readonly seconds: number;
  readonly json: boolean;
}

if (import.meta.main) process.exitCode = await main(Deno.args);

async function main(args: string[]): Promise<number> {
  let options: Options | null;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return USAGE_ERROR;
  }
  if (options === null) {
    console.log(USAGE);
    return NOTHING_FOUND;
  }
  const library = await findLibrary();
  if (library === null) {
    console.error(
      "Cannot check the TensorFlow library as there is none: `deno task pipeline` installs it",
    );
    return USAGE_ERROR;
  }
  const { folder, version } = library;
  if (!options.json) console.log(`TensorFlow ${version} in ${folder}`);
  let found = 0;
  for (const set of await distinctInstructionSets(folder, options.isa)) {
    if (!options.json) console.log(`${set.name}: ${set.words}`);
    for (const way of options.ways) {
      for (const threads of options.threads) {
        for (const operation of options.operations) {
          const setting = { folder, way, threads, instructionSet: set.name };
          found += await searchFor(options, setting, operation, hasBfloat16(set));
        }
      }
    }
  }
  return found === 0 ? NOTHING_FOUND : FOUND;
}

/** Searches for as long as it may; returns how many cases it found. */
async function searchFor(
  { from, seconds, json }: Options,
  setting: Setting,
  operation: Case["operation"],
  withBfloat16: boolean,
): Promise<number> {
  const { way, threads, instructionSet } = setting;
  const place: Record<string, unknown> = { isa: instructionSet, way, threads, operation };
  const end = performance.now() + seconds * 1000;
  const size = gridSize(operation);
  let [to, computed, refused, found] = [from, 0, 0, 0];
  let allocatorChecks = true;
  while (to < size && performance.now() < end) {
    const stretch: Stretch = { operation, from: to, to: Math.min(size, to + PLACES_PER_CHILD) };
    to = stretch.to;
    const cases = casesIn(stretch).filter(({ precision }) =>
      precision === "float32" || withBfloat16 && way !== "eager"
    );
    const outcome = await search(cases, (some) => runChild(some, setting));
    allocatorChecks &&= outcome.allocatorChecks;
    computed += outcome.computed;
    refused += outcome.refused;
    found += outcome.findings.length;
    for (const { asked, problem } of outcome.findings) {
      console.log(
        json ? JSON.stringify({ ...place, asked, problem }) : `  ${describe(asked)}: ${problem}`,
      );
    }
  }
  if (json) {
    console.log(JSON.stringify({ ...place, from, to, computed, refused, found, allocatorChecks }));
  } else {
    const memory = allocatorChecks ? "" : "; memory was not checked: no libc_malloc_debug.so.0";
    console.log(
      `  ${way}, ${threads} thread(s), ${operation}s ${from} to ${to}: ${computed} computed, ` +
        `${refused} refused, ${found} found${memory}`,
    );
  }
  return found;
}

/** @returns null if help is asked for. */
function parseOptions(args: string[]): Options | null {
  const { values } = parseArgs({
    args,
    options: {
      way: { type: "string", multiple: true, default: ["eager", "recorded"] },
      isa: { type: "string", multiple: true },
      threads: { type: "string", multiple: true, default: ["1", "2"] },
      operation: { type: "string", multiple: true, default: [...OPERATIONS] },
      from: { type: "string", default: "0" },
      seconds: { type: "string", default: "60" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return null;
  const seconds = natural("seconds", values.seconds, 0);
  return {
    ways: values.way.map((way) => oneOf("way", way, WAYS)),
    isa: values.isa,
    threads: values.threads.map((threads) => natural("threads", threads, 1)),
    operations: values.operation.map((operation) => oneOf("operation", operation, OPERATIONS)),
    from: natural("from", values.from, 0),
    seconds: seconds === 0 ? Infinity : seconds,
    json: values.json,
  };
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new RangeError(
    `Cannot search as '--${name}' must be one of ${allowed.join(", ")}: current value is ${value}`,
  );
}

function natural(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new RangeError(
    `Cannot search as '--${name}' must be an integer of at least ${least}: current value is ${text}`,
  );
}
