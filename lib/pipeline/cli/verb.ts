/**
 * What a verb of the command line is, which flags there are, and what a verb is given.
 *
 * @module
 */
import type { Project } from "../config/project.ts";
import type { RequirementLoader } from "../execute/requirement.ts";

/** A flag, as `node:util` parses it and `--help` shows it. */
export interface Flag {
  readonly type: "boolean" | "string";
  readonly short?: string;
  readonly multiple?: boolean;
  /** Name of the value in the help text. */
  readonly value?: string;
  readonly help: string;
}

/** All flags by name. */
export const FLAGS = {
  help: { type: "boolean", short: "h", help: "Show this help" },
  profile: {
    type: "string",
    short: "p",
    value: "NAME",
    help: "Lay profiles/NAME.yaml over the pipeline",
  },
  set: {
    type: "string",
    short: "S",
    multiple: true,
    value: "KEY=VALUE",
    help: "Set a top-level param or STAGE.PARAM (repeatable)",
  },
  file: { type: "string", value: "PATH", help: "Another pipeline file (default: pipeline.yaml)" },
  artifacts: { type: "string", value: "DIR", help: "The store (default: artifacts/)" },
  reports: { type: "string", value: "DIR", help: "The reports' folder (default: reports/)" },
  port: { type: "string", value: "N", help: "The port of the page (default: any that is free)" },
  open: { type: "boolean", help: "Open the page in the browser" },
  "dry-run": { type: "boolean", short: "n", help: "Say what would be done and why; do nothing" },
  jobs: {
    type: "string",
    short: "j",
    value: "N",
    help: "CPU slots for parallel jobs (default: the number of cores)",
  },
  "keep-going": {
    type: "boolean",
    short: "k",
    help: "Go on with what does not need a failed stage",
  },
  force: { type: "boolean", short: "f", help: "Run the targets even if they are fresh" },
  "force-from": {
    type: "string",
    short: "R",
    value: "STAGE",
    help: "Run a stage and all that needs it, even if fresh",
  },
  frozen: {
    type: "boolean",
    help: "Regenerate the report from the lock file and the committed tables alone; fail if stale",
  },
  mermaid: { type: "boolean", help: "As a Mermaid flow chart, for Markdown" },
  dot: { type: "boolean", help: "As DOT, for Graphviz" },
  svg: { type: "boolean", help: "As an SVG drawing" },
  print: { type: "boolean", help: "Write to stdout, not to the file" },
  rerun: { type: "string", value: "N", help: "Execute up to N results of each stage once more" },
  adopt: {
    type: "boolean",
    help: "Where all that were executed agree, count results of older code as the present code's",
  },
  json: { type: "boolean", help: "Write JSON lines to stdout" },
  store: {
    type: "string",
    value: "URL",
    help: "A shared store: results are restored from there and sent there (docs/shared-store.md)",
  },
  "store-mode": {
    type: "string",
    value: "MODE",
    help: "What a run does with the shared store: read, write or both (the default)",
  },
  executor: {
    type: "string",
    value: "NAME",
    help: "Where instances execute: local (the default) or slurm (docs/cluster.md)",
  },
  detach: {
    type: "boolean",
    help: "With --executor slurm: submit what is ready, and end; `status` shows what became of it",
  },
  lock: { type: "boolean", help: "Write the lock file although -S, targets or --force are used" },
} as const satisfies Record<string, Flag>;

/** Flags by name. */
export type FlagSet = Readonly<Record<string, Flag>>;

/** What the command line says of flags; those that it does not name are absent. */
export type FlagValues<F extends FlagSet> = {
  readonly [N in keyof F]?: F[N] extends { multiple: true } ? string[]
    : F[N]["type"] extends "boolean" ? boolean
    : string;
};

/** The engine's flags as parsed. */
export type Flags = FlagValues<typeof FLAGS>;

/** What a verb is given. */
export interface VerbContext<F extends FlagSet = typeof FLAGS> {
  readonly project: Project;
  /** Targets, or whatever the verb takes. */
  readonly words: readonly string[];
  readonly flags: FlagValues<F>;
  readonly requirements: Readonly<Record<string, RequirementLoader>>;
  /** Names of all verbs, which no stage may have. */
  readonly verbNames: readonly string[];
}

/** What a verb is made of. */
export interface VerbDefinition<F extends FlagSet> {
  readonly summary: string;
  /** What follows the verb, e.g. `[TARGET...]`. */
  readonly words: string;
  /** The flags that it takes: the engine's, or some of its own. */
  readonly flags: F;
  /** Command lines without the command's name. */
  readonly examples: readonly string[];
  /** Whether it is for programs alone; `--help` does not list it. */
  readonly isInternal?: boolean;
  /** Loads the function that does the work and returns the exit status. */
  load(): Promise<(context: VerbContext<NoInfer<F>>) => Promise<number>>;
}

/** A verb, whatever flags it takes. */
export interface Verb extends Omit<VerbDefinition<FlagSet>, "load"> {
  /** @param flags What was parsed by the verb's own `flags`. */
  run(
    context: Omit<VerbContext, "flags">,
    flags: Readonly<Record<string, unknown>>,
  ): Promise<number>;
}

/** Declares a verb: `load`'s function receives the verb's flags by their types. */
export function defineVerb<F extends FlagSet>({ load, ...verb }: VerbDefinition<F>): Verb {
  return {
    ...verb,
    async run(context, flags) {
      const run = await load();
      return await run({ ...context, flags: flags as FlagValues<F> });
    },
  };
}

const PROJECT_FLAGS = ["help", "profile", "set", "file", "artifacts", "reports"] as const;

/** Some of the engine's flags, and those that say which project is meant. */
export function engineFlags<N extends keyof typeof FLAGS>(
  ...names: readonly N[]
): Pick<typeof FLAGS, N | typeof PROJECT_FLAGS[number]> {
  const chosen: Record<string, Flag> = {};
  for (const name of [...PROJECT_FLAGS, ...names]) chosen[name] = FLAGS[name];
  return chosen as Pick<typeof FLAGS, N | typeof PROJECT_FLAGS[number]>;
}
