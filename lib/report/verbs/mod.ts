/**
 * The verbs that know the science, for the command line to register.
 *
 * @module
 */
import type { Verb } from "../../pipeline/mod.ts";

const PROJECT_FLAGS = ["help", "profile", "set", "file", "artifacts", "reports"] as const;

/** The verbs by name. */
export const REPORT_VERBS: Readonly<Record<string, Verb>> = {
  claims: {
    summary: "The paper's claims, judged afresh by the committed tables; exit 1 if one drifted",
    words: "",
    flags: [...PROJECT_FLAGS, "json"],
    examples: ["claims", "claims -p embedded-full", "claims --json"],
    load: async () => (await import("./claims.ts")).claims,
  },
  trace: {
    summary: "What stands behind a figure or a claim: command, executions, data",
    words: "[FIGURE|CLAIM...]",
    flags: [...PROJECT_FLAGS, "json", "export"],
    examples: ["trace", "trace figure-3", "trace benign", "trace table-2 --export table-2.parquet"],
    load: async () => (await import("./trace.ts")).trace,
  },
  compare: {
    summary: "Two reports side by side: headline numbers, claims' outcomes, figures' data",
    words: "[A] [B]",
    flags: [...PROJECT_FLAGS, "json"],
    examples: ["compare", "compare HEAD~3", "compare reports reports/smoke"],
    load: async () => (await import("./compare.ts")).compare,
  },
};
