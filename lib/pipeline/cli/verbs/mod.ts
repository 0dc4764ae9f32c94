/**
 * The engine's verbs. Each is a module of its own, loaded when it is used.
 *
 * @module
 */
import { PROJECT_FLAGS, type Verb } from "../verb.ts";

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
