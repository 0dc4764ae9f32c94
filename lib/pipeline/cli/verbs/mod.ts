/**
 * The engine's verbs. Each is a module of its own, loaded when it is used.
 *
 * @module
 */
import { defineVerb, engineFlags, type Verb } from "../verb.ts";

/** The engine's verbs. */
export const VERBS: Readonly<Record<string, Verb>> = {
  run: defineVerb({
    summary: "Bring the targets (default: everything) up to date",
    words: "[TARGET...]",
    flags: engineFlags(
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
    ),
    examples: ["", "-n", "STAGE@seed=0", "-p PROFILE", "-S STAGE.PARAM=VALUE -n", "--frozen"],
    load: async () => (await import("./run.ts")).run,
  }),
  status: defineVerb({
    summary: "One line per instance: fresh, stale with the reason, or missing",
    words: "[TARGET...]",
    flags: engineFlags("json"),
    examples: ["status", "status STAGE"],
    load: async () => (await import("./status.ts")).status,
  }),
  explain: defineVerb({
    summary: "Compare instances' stage keys, part by part, with those of their last results",
    words: "TARGET...",
    flags: engineFlags(),
    examples: ["explain STAGE@seed=0", "explain STAGE -S STAGE.PARAM=VALUE"],
    load: async () => (await import("./explain.ts")).explain,
  }),
  dag: defineVerb({
    summary: "The graph of stages, or of the targets' instances, with what a run would do",
    words: "[TARGET...]",
    flags: engineFlags("mermaid", "dot", "svg"),
    examples: ["dag", "dag --mermaid", "dag --svg > graph.svg", "dag STAGE@seed=0"],
    load: async () => (await import("./dag.ts")).dag,
  }),
  diff: defineVerb({
    summary: "Params and metrics of two lock files, git revisions or runs, side by side",
    words: "[A] [B]",
    flags: engineFlags("json"),
    examples: ["diff", "diff HEAD~3", "diff main HEAD", "diff profiles/PROFILE.lock.yaml"],
    load: async () => (await import("./diff.ts")).diff,
  }),
  logs: defineVerb({
    summary: "The log of an instance's last execution",
    words: "TARGET...",
    flags: engineFlags(),
    examples: ["logs STAGE@seed=0"],
    load: async () => (await import("./logs.ts")).logs,
  }),
  ui: defineVerb({
    summary: "A page on this machine that shows runs live, their curves, logs and history",
    words: "",
    flags: engineFlags("port", "open"),
    examples: ["ui", "ui --open", "ui -p PROFILE --port 8000"],
    load: async () => (await import("./ui.ts")).ui,
  }),
  push: defineVerb({
    summary: "Send current results of the targets, and of what they need, to the shared store",
    words: "[TARGET...]",
    flags: engineFlags("store"),
    examples: ["push --store https://cache.example.org", "push STAGE"],
    load: async () => (await import("./push.ts")).push,
  }),
  pull: defineVerb({
    summary: "Restore the targets, and what they need, from the shared store; execute nothing",
    words: "[TARGET...]",
    flags: engineFlags("store", "json"),
    examples: ["pull --store https://cache.example.org", "pull STAGE"],
    load: async () => (await import("./pull.ts")).pull,
  }),
  verify: defineVerb({
    summary: "Hash stored results again; execute some once more and compare their values",
    words: "[TARGET...]",
    flags: engineFlags("rerun", "adopt", "jobs", "keep-going"),
    examples: ["verify", "verify STAGE --rerun 2", "verify --rerun 1 --adopt"],
    load: async () => (await import("./verify.ts")).verify,
  }),
  gc: defineVerb({
    summary: "Remove what no profile's lock file, no last result and no recent run refers to",
    words: "",
    flags: engineFlags("dry-run"),
    examples: ["gc -n", "gc"],
    load: async () => (await import("./gc.ts")).gc,
  }),
  doctor: defineVerb({
    summary: "What was found on this machine, and what to do about each problem",
    words: "",
    flags: engineFlags(),
    examples: ["doctor"],
    load: async () => (await import("./doctor.ts")).doctor,
  }),
  schema: defineVerb({
    summary: "Write pipeline.schema.json, by which editors complete and check pipeline.yaml",
    words: "",
    flags: engineFlags("print"),
    examples: ["schema", "schema --print"],
    load: async () => (await import("./schema.ts")).schema,
  }),
  "slurm-job": defineVerb({
    summary: "What a job on a node runs; the Slurm executor starts it",
    words: "FOLDER",
    flags: engineFlags(),
    examples: [],
    load: async () => (await import("./slurm_job.ts")).slurmJob,
    isInternal: true,
  }),
};
