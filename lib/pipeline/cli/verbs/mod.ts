/**
 * The verbs and flags of the command line. Each verb is a module of its own, loaded when it is
 * used.
 *
 * @module
 */
import type { Project } from "../../config/project.ts";
import type { RequirementLoader } from "../../execute/requirement.ts";

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

/** The engine's verbs. */
export const VERBS: Readonly<Record<string, Verb>> = {
  run: {
    summary: "Bring the targets (default: everything) up to date",
    words: "[TARGET...]",
    flags: [
      ...PROJECT_FLAGS,
      "dry-run",
      "jobs",
      "keep-going",
      "force",
      "force-from",
      "frozen",
      "json",
      "lock",
      "executor",
      "detach",
      "store",
      "store-mode",
    ],
    examples: ["", "-n", "train@labels=random", "-p smoke", "-S views=64 -n", "--frozen"],
    load: async () => (await import("./run.ts")).run,
  },
  status: {
    summary: "One line an instance: fresh, stale with the reason, or missing",
    words: "[TARGET...]",
    flags: [...PROJECT_FLAGS, "json"],
    examples: ["status", "status probe"],
    load: async () => (await import("./status.ts")).status,
  },
  explain: {
    summary: "The whole stage key of instances, part by part, against their last results'",
    words: "TARGET...",
    flags: PROJECT_FLAGS,
    examples: ["explain train@labels=random,seed=0", "explain probe -S probe.neighbours=5"],
    load: async () => (await import("./explain.ts")).explain,
  },
  dag: {
    summary: "The graph of stages, or of the targets' instances, with what a run would do",
    words: "[TARGET...]",
    flags: [...PROJECT_FLAGS, "mermaid", "dot", "svg"],
    examples: ["dag", "dag --mermaid", "dag --svg > graph.svg", "dag probe@seed=0"],
    load: async () => (await import("./dag.ts")).dag,
  },
  diff: {
    summary: "Params and metrics of two lock files, git revisions or runs, side by side",
    words: "[A] [B]",
    flags: [...PROJECT_FLAGS, "json"],
    examples: ["diff", "diff HEAD~3", "diff main HEAD", "diff profiles/smoke.lock.yaml"],
    load: async () => (await import("./diff.ts")).diff,
  },
  logs: {
    summary: "The log of an instance's last execution",
    words: "TARGET...",
    flags: PROJECT_FLAGS,
    examples: ["logs train@labels=random,augmentation=cached,seed=0"],
    load: async () => (await import("./logs.ts")).logs,
  },
  ui: {
    summary: "A page on this machine that shows runs live, their curves, logs and history",
    words: "",
    flags: [...PROJECT_FLAGS, "port", "open"],
    examples: ["ui", "ui --open", "ui -p smoke --port 8000"],
    load: async () => (await import("./ui.ts")).ui,
  },
  push: {
    summary: "Send current results of the targets, and of what they need, to the shared store",
    words: "[TARGET...]",
    flags: [...PROJECT_FLAGS, "store"],
    examples: ["push --store https://cache.example.org", "push train"],
    load: async () => (await import("./push.ts")).push,
  },
  pull: {
    summary: "Restore the targets, and what they need, from the shared store; execute nothing",
    words: "[TARGET...]",
    flags: [...PROJECT_FLAGS, "store", "json"],
    examples: ["pull --store https://cache.example.org", "pull probe"],
    load: async () => (await import("./pull.ts")).pull,
  },
  verify: {
    summary: "Hash stored results again; execute some once more and compare their values",
    words: "[TARGET...]",
    flags: [...PROJECT_FLAGS, "rerun", "adopt", "jobs", "keep-going"],
    examples: ["verify", "verify probe --rerun 2", "verify train --rerun 1 --adopt"],
    load: async () => (await import("./verify.ts")).verify,
  },
  gc: {
    summary: "Remove what no profile's lock file, no last result and no recent run refers to",
    words: "",
    flags: [...PROJECT_FLAGS, "dry-run"],
    examples: ["gc -n", "gc"],
    load: async () => (await import("./gc.ts")).gc,
  },
  doctor: {
    summary: "What was found on this machine, and what to do about each problem",
    words: "",
    flags: PROJECT_FLAGS,
    examples: ["doctor"],
    load: async () => (await import("./doctor.ts")).doctor,
  },
  schema: {
    summary: "Write pipeline.schema.json, by which editors complete and check pipeline.yaml",
    words: "",
    flags: [...PROJECT_FLAGS, "print"],
    examples: ["schema", "schema --print"],
    load: async () => (await import("./schema.ts")).schema,
  },
  "slurm-job": {
    summary: "What a job on a node runs; the Slurm executor starts it",
    words: "FOLDER",
    flags: PROJECT_FLAGS,
    examples: [],
    load: async () => (await import("./slurm_job.ts")).slurmJob,
    isInternal: true,
  },
};
