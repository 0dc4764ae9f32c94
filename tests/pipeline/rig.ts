/**
 * A rig for tests of the engine: a tiny pipeline in a folder of its own, and its command line in
 * this process (fast) or in another (to be killed, or to be alone with its permissions).
 *
 * @module
 */
import { stop as stopEsbuild } from "esbuild";
import { cpSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { InstanceEvent, SummaryEvent } from "../../lib/pipeline/execute/events.ts";
import { SharedFolder } from "./shared_folder.ts";
import { type Extensions, runCommandLine } from "../../lib/pipeline/mod.ts";

/** The repository's folder. */
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Imports that a stage of a rig starts with. */
export const STAGE_IMPORTS = `import { z } from "zod";
import { committed, defineStage, gather, LOCATION, optional, published } from "${
  engine("stage/stage.ts")
}";
import { defineSchema, float64, int32, utf8 } from "${arrow("schema.ts")}";
`;

/**
 * The tiny pipeline: `make` writes numbers with names, `double` multiplies them (reading only the
 * numbers), `total` gathers the products, publishes summary.txt and commits a table of sums.
 */
export const TINY: Readonly<Record<string, string>> = {
  "pipeline.yaml": `name: tiny
params: { n: 3, factors: [2, 3] }
stages:
  make:
    params: { count: \${n} }
  double:
    matrix: { factor: \${factors} }
    needs: { values: make }
  total:
    needs: { parts: double }
`,
  "schemas.ts": `${STAGE_IMPORTS}
export const valueSchema = /* @__PURE__ */ defineSchema("values", {
  value: float64("A number"),
  name: utf8("Its name"),
});
`,
  "stages/make.ts": `${STAGE_IMPORTS}
import { valueSchema } from "../schemas.ts";
export default defineStage({
  description: "Makes numbers",
  params: z.object({
    count: z.int().min(1).default(3).describe("How many numbers"),
    prefix: z.string().default("n").describe("What names start with"),
  }),
  inputs: {},
  outputs: { values: valueSchema },
  run({ params, outputs, seed, log, metrics }) {
    const value = Float64Array.from({ length: params.count }, (_, i) => i + 1 + 10 * seed);
    log("made " + params.count);
    metrics({ count: params.count });
    outputs.values.append({ value, name: Array.from(value, (x) => params.prefix + x) });
  },
});
`,
  "stages/double.ts": `${STAGE_IMPORTS}
import { valueSchema } from "../schemas.ts";
import { scale } from "../scale.ts";
export default defineStage({
  description: "Multiplies numbers",
  params: z.object({ factor: z.number().default(2).describe("What to multiply by") }),
  inputs: { values: valueSchema.pick("value") },
  outputs: { products: committed(valueSchema.pick("value")) },
  run({ params, inputs, outputs, metrics }) {
    const value = inputs.values.column("value").map((x) => scale(x, params.factor));
    metrics({ largest: Math.max(...value) });
    outputs.products.append({ value });
  },
});
`,
  "scale.ts": `/** Scales a number. */
export function scale(x: number, factor: number): number {
  return x * factor;
}

export function unused(x: number): number {
  return -x;
}
`,
  "stages/total.ts": `${STAGE_IMPORTS}
import { valueSchema } from "../schemas.ts";
export default defineStage({
  description: "Adds the products of every factor",
  params: z.object({ title: z.string().default("Sums").describe("The first line") }),
  inputs: { parts: gather(valueSchema.pick("value")) },
  outputs: { report: published({ show: "summary.txt" }), sums: committed(valueSchema.pick("value")) },
  run({ params, inputs, outputs }) {
    const sums = inputs.parts.map(({ table }) => table.column("value").reduce((a, b) => a + b, 0));
    const lines = inputs.parts.map(({ axes }, i) => axes.factor + ": " + sums[i]);
    outputs.report.write("summary.txt", [params.title, ...lines].join("\\n") + "\\n");
    outputs.sums.append({ value: Float64Array.from(sums) });
  },
});
`,
};

/** What a command line did. */
export interface Result {
  readonly status: number;
  /** With the rig's folder cut off from paths. */
  readonly stdout: string;
  readonly stderr: string;
}

/** The tiny pipeline after its first run, which copies start from. */
const built = new SharedFolder("rig-built");

/** A project in a temporary folder. */
export class Rig {
  readonly folder: string;

  /** The tiny pipeline after a run: a copy, so that all tests together execute it only once. */
  static async built(): Promise<Rig> {
    const source = await built.content(async () => {
      const rig = new Rig();
      const { status, stderr } = await rig.run();
      if (status !== 0) throw new Error(`The tiny pipeline fails: ${stderr}`);
      return rig.folder;
    });
    const copy = new Rig();
    cpSync(source, copy.folder, { recursive: true, verbatimSymlinks: true });
    return copy;
  }

  /** @param files Texts by path, over those of {@link TINY}; `null` leaves one out. */
  constructor(files: Readonly<Record<string, string | null>> = {}) {
    this.folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "rig-" }));
    for (const name of ["deno.json", "deno.lock"]) {
      Deno.copyFileSync(join(ROOT, name), join(this.folder, name));
    }
    for (const [path, text] of Object.entries({ ...TINY, ...files })) {
      if (text !== null) this.write(path, text);
    }
    this.write(
      "main.ts",
      `import { runCommandLine } from "${engine("mod.ts")}";\n` +
        `Deno.exit(await runCommandLine(Deno.args));\n`,
    );
  }

  /** An absolute path. */
  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  write(path: string, text: string): void {
    Deno.mkdirSync(dirname(this.path(path)), { recursive: true });
    Deno.writeTextFileSync(this.path(path), text);
  }

  read(path: string): string {
    return Deno.readTextFileSync(this.path(path));
  }

  /** Replaces a text that must be there. */
  edit(path: string, from: string, to: string): void {
    const text = this.read(path);
    if (!text.includes(from)) throw new Error(`${path} does not hold ${JSON.stringify(from)}`);
    this.write(path, text.replace(from, to));
  }

  /** Every file below a folder with its content, e.g. to compare a report before and after. */
  snapshot(folder: string): Map<string, string> {
    const files = new Map<string, string>();
    const visit = (path: string) => {
      for (const entry of Deno.readDirSync(path)) {
        const inner = join(path, entry.name);
        if (entry.isDirectory) visit(inner);
        else {
          const bytes = Deno.readFileSync(inner);
          files.set(relative(this.folder, inner), bytes.toBase64());
        }
      }
    };
    visit(this.path(folder));
    return new Map([...files].sort());
  }

  /** Runs the command line in this process. */
  async run(args: readonly string[] = [], extensions: Extensions = {}): Promise<Result> {
    const output = { log: "", error: "" };
    const saved = { log: console.log, error: console.error };
    console.log = (...parts) => void (output.log += `${parts.join(" ")}\n`);
    console.error = (...parts) => void (output.error += `${parts.join(" ")}\n`);
    try {
      const status = await runCommandLine(
        [...args, "--file", this.path("pipeline.yaml")],
        extensions,
      );
      return { status, stdout: this.#local(output.log), stderr: this.#local(output.error) };
    } finally {
      Object.assign(console, saved);
      await stopEsbuild();
    }
  }

  /** Runs the command line here and returns each instance's end by its name. */
  async outcomes(args: readonly string[] = []): Promise<Record<string, InstanceEvent>> {
    const { stdout } = await this.run([...args, "--json"]);
    return Object.fromEntries(
      jsonLines(stdout).filter(({ event }) => event === "instance").map((event) =>
        [(event as InstanceEvent).instance, event as InstanceEvent] as const
      ),
    );
  }

  /** Starts the command line in a process of its own, in the rig's folder. */
  spawn(
    args: readonly string[] = [],
    options: Partial<Deno.CommandOptions> = {},
  ): Deno.ChildProcess {
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", "main.ts", ...args],
      cwd: this.folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...options,
    }).spawn();
  }

  /** Runs the command line in a process of its own to its end. */
  async runApart(
    args: readonly string[] = [],
    options: Partial<Deno.CommandOptions> = {},
  ): Promise<Result> {
    const { code, stdout, stderr } = await this.spawn(args, options).output();
    const text = (bytes: Uint8Array) => this.#local(new TextDecoder().decode(bytes));
    return { status: code, stdout: text(stdout), stderr: text(stderr) };
  }

  #local(text: string): string {
    return text.replaceAll(`${relative(Deno.cwd(), this.folder)}/`, "")
      .replaceAll(`${this.folder}/`, "");
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

/** The JSON lines in a text. */
export function jsonLines(text: string): (SummaryEvent | InstanceEvent | { event: string })[] {
  return text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

/** The number of executions that a run's JSON lines count. */
export function summaryOf(text: string): SummaryEvent {
  return jsonLines(text).find(({ event }) => event === "summary") as SummaryEvent;
}

function engine(file: string): string {
  return pathToFileURL(join(ROOT, "lib/pipeline", file)).href;
}

function arrow(file: string): string {
  return pathToFileURL(join(ROOT, "lib/arrow", file)).href;
}

/** The log of the one instance that has one; empty before it starts. */
export function logOf(rig: Rig): string {
  try {
    const [{ name }] = [...Deno.readDirSync(rig.path("artifacts/logs"))];
    return rig.read(`artifacts/logs/${name}`);
  } catch {
    return "";
  }
}
