/**
 * The verbs that know the science, for the command line to register.
 *
 * @module
 */
import { defineVerb, engineFlags, type Verb } from "../../pipeline/mod.ts";
import { TRACE_FLAGS } from "./trace_flags.ts";

/** The verbs by name. */
export const REPORT_VERBS: Readonly<Record<string, Verb>> = {
  claims: defineVerb({
    summary: "The paper's claims, judged afresh by the committed tables; exit 1 if one drifted",
    words: "",
    flags: engineFlags("json"),
    examples: ["claims", "claims -p embedded-full", "claims --json"],
    load: async () => (await import("./claims.ts")).claims,
  }),
  trace: defineVerb({
    summary: "What stands behind a figure or a claim: command, executions, data",
    words: "[FIGURE|CLAIM...]",
    flags: TRACE_FLAGS,
    examples: ["trace", "trace figure-3", "trace benign", "trace table-2 --export table-2.parquet"],
    load: async () => (await import("./trace.ts")).trace,
  }),
  compare: defineVerb({
    summary: "Two reports side by side: headline numbers, claims' outcomes, figures' data",
    words: "[A] [B]",
    flags: engineFlags("json"),
    examples: ["compare", "compare HEAD~3", "compare reports reports/smoke"],
    load: async () => (await import("./compare.ts")).compare,
  }),
};

/** Examples of the engine's verbs with this project's stages. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  run: ["", "-n", "train@labels=random", "-p smoke", "-S views=64 -n", "--frozen"],
  status: ["status", "status probe"],
  explain: ["explain train@labels=random,seed=10", "explain probe -S probe.neighbours=5"],
  dag: ["dag", "dag --mermaid", "dag --svg > graph.svg", "dag probe@seed=10"],
  diff: ["diff", "diff HEAD~3", "diff main HEAD", "diff profiles/smoke.lock.yaml"],
  logs: ["logs train@labels=random,augmentation=cached,seed=10"],
  verify: ["verify", "verify probe --rerun 2", "verify train --rerun 1 --adopt"],
};
