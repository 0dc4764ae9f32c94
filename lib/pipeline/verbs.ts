/**
 * The verbs and flags of the command line. Each verb is a module of its own, loaded when it is
 * used.
 *
 * @module
 */
import type { Project } from "./project.ts";
import type { RequirementLoader } from "./requirement.ts";

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
  json: { type: "boolean", help: "Write JSON lines to stdout" },
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
    ],
    examples: ["", "-n", "train@labels=random", "-p smoke", "-S views=64 -n", "--frozen"],
    load: async () => (await import("./verbs/run.ts")).run,
  },
  status: {
    summary: "One line an instance: fresh, stale with the reason, or missing",
    words: "[TARGET...]",
    flags: [...PROJECT_FLAGS, "json"],
    examples: ["status", "status probe"],
    load: async () => (await import("./verbs/status.ts")).status,
  },
};
