/**
 * The flags of `trace`.
 *
 * @module
 */
import { engineFlags, type FlagSet } from "../../pipeline/mod.ts";

/** The project's flags, `--json`, and where the data go. */
export const TRACE_FLAGS = {
  ...engineFlags("json"),
  export: {
    type: "string",
    value: "PATH",
    help: "Write the data to a file: .csv, .parquet or .arrow",
  },
} as const satisfies FlagSet;
