/**
 * What the engine's cold start is compared with: make, with a program for each target that adds a
 * number to what the target before it made.
 *
 * @module
 */
import { join } from "node:path";

/** Programs that a target may be made by. */
const PROGRAMS = {
  node: {
    command: "node step.mjs",
    version: ["node", "--version"],
  },
  deno: {
    command: `${Deno.execPath()} run --quiet --allow-read=. --allow-write=. step.mjs`,
    version: [Deno.execPath(), "--version"],
  },
} as const;

/** A program that targets are made by. */
export type Program = keyof typeof PROGRAMS;

const STEP = `import { readFileSync, writeFileSync } from "node:fs";
const [output, input] = process.argv.slice(2);
const before = input ? JSON.parse(readFileSync(input, "utf8")) : 0;
writeFileSync(output, JSON.stringify(before + 1));
`;

/** A Makefile in a temporary folder. */
export class MakeProject implements Disposable {
  readonly #folder: string;
  readonly #targets: number;

  /** @param inputs The target that each needs; `null` for none. */
  constructor(program: Program, inputs: readonly (number | null)[]) {
    this.#folder = Deno.makeTempDirSync({ prefix: "bench-make-" });
    this.#targets = inputs.length;
    const rules = inputs.map((input, i) => {
      const needs = input === null ? "" : `${input}.json`;
      return `${i}.json: ${needs}\n\t${PROGRAMS[program].command} $@ ${needs}\n`;
    });
    const all = inputs.map((_, i) => `${i}.json`).join(" ");
    Deno.writeTextFileSync(join(this.#folder, "Makefile"), `all: ${all}\n${rules.join("")}`);
    Deno.writeTextFileSync(join(this.#folder, "step.mjs"), STEP);
  }

  /** Makes everything from nothing. @returns The time in ms. */
  async run(jobs: number): Promise<number> {
    for (const { name } of [...Deno.readDirSync(this.#folder)]) {
      if (name.endsWith(".json")) Deno.removeSync(join(this.#folder, name));
    }
    const start = performance.now();
    const { success, stderr } = await new Deno.Command("make", {
      args: ["-s", "-j", String(jobs)],
      cwd: this.#folder,
    }).output();
    const time = performance.now() - start;
    const made = [...Deno.readDirSync(this.#folder)].filter(({ name }) => name.endsWith(".json"));
    if (success && made.length === this.#targets) return time;
    throw new Error(`Cannot measure make: ${new TextDecoder().decode(stderr)}`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

/** Says which make and which program it is; why not, if one of them is not installed. */
export async function describe(program: Program): Promise<{ text: string } | { absent: string }> {
  const [make, other] = await Promise.all(
    [["make", "--version"], PROGRAMS[program].version].map(firstLine),
  );
  if (make === null) return { absent: "there is no make" };
  if (other === null) return { absent: `there is no ${program}` };
  return { text: `${make} with ${program === "node" ? `Node ${other}` : other}` };
}

async function firstLine([command, ...args]: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await new Deno.Command(command, { args }).output();
    return new TextDecoder().decode(stdout).split("\n", 1)[0];
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return null;
    throw cause;
  }
}
