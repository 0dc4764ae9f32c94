/**
 * The command line of this project: the engine, with what the science adds to it.
 *
 * @module
 */
import { runCommandLine } from "./lib/pipeline/mod.ts";
import { EXAMPLES, REPORT_VERBS } from "./lib/report/verbs/mod.ts";

Deno.exit(
  await runCommandLine(Deno.args, {
    requirements: {
      tensorflow: async () => (await import("./lib/tensorflow/requirement.ts")).default,
    },
    verbs: REPORT_VERBS,
    command: "deno task pipeline",
    examples: EXAMPLES,
  }),
);
