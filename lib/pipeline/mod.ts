/**
 * The engine's public face: declare stages, and run a pipeline.yaml from the command line.
 *
 * @module
 */
export { type Extensions, runCommandLine } from "./cli.ts";
export type { Requirement, RequirementLoader } from "./requirement.ts";
export { committed, defineStage, gather, LOCATION, optional, published } from "./stage.ts";
export type { GatheredTable, OutputTable, Provenance, StageContext } from "./stage.ts";
export type { Verb, VerbContext } from "./verbs.ts";
