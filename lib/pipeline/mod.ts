/**
 * The engine's public face: declare stages, and run a pipeline.yaml from the command line.
 *
 * @module
 */
import type { Extensions } from "./cli/cli.ts";

export type { Extensions } from "./cli/cli.ts";
export type { Requirement, RequirementLoader } from "./execute/requirement.ts";
export { committed, defineStage, gather, LOCATION, optional, published } from "./stage/stage.ts";
export type {
  GatheredTable,
  OutputTable,
  Predecessor,
  Provenance,
  StageContext,
} from "./stage/stage.ts";
export { defineVerb, engineFlags } from "./cli/verb.ts";
export type { Flag, FlagSet, FlagValues, Verb, VerbContext, VerbDefinition } from "./cli/verb.ts";

/**
 * Runs a command line to its end. The engine is loaded late, so that it is no part of the code of
 * stages that import this module.
 *
 * @returns The exit status: 0 done, 1 a stage failed, 2 usage or configuration, 3 stale under
 * `--frozen`, 130 interrupted.
 */
export async function runCommandLine(
  args: readonly string[],
  extensions: Extensions = {},
): Promise<number> {
  const cli = await import("./cli/cli.ts");
  return await cli.runCommandLine(args, extensions);
}
