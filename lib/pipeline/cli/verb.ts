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
  export: {
    type: "string",
    value: "PATH",
    help: "Write the data to a file: .csv, .parquet or .arrow",
  },
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

/** Parsed flags. */
export type Flags = {
  readonly [N in keyof typeof FLAGS]?: (typeof FLAGS)[N] extends { multiple: true } ? string[]
    : (typeof FLAGS)[N]["type"] extends "boolean" ? boolean
    : string;
};

/** What a verb is given. */
export interface VerbContext {
  readonly project: Project;
  /** Targets, or whatever the verb takes. */
  readonly words: readonly string[];
  readonly flags: Flags;
  readonly requirements: Readonly<Record<string, RequirementLoader>>;
  /** Names of all verbs, which no stage may have. */
  readonly verbNames: readonly string[];
}

/** A verb. */
export interface Verb {
  readonly summary: string;
  /** What follows the verb, e.g. `[TARGET...]`. */
  readonly words: string;
  readonly flags: readonly (keyof Flags)[];
  readonly examples: readonly string[];
  /** Loads the function that does the work and returns the exit status. */
  load(): Promise<(context: VerbContext) => Promise<number>>;
  /** Whether it is for programs alone; `--help` does not list it. */
  readonly isInternal?: boolean;
}

/** Flags that say which project is meant. */
export const PROJECT_FLAGS = ["help", "profile", "set", "file", "artifacts", "reports"] as const;
