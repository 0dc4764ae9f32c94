/**
 * Code bundles of stages, for tests.
 *
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { CodeBundle } from "../../../lib/pipeline/code/code_bundle.ts";
import { bundleCode } from "../../../lib/pipeline/code/code_bundles.ts";

const RUNTIME = import.meta.resolve("../../../lib/pipeline/stage/worker.ts");

/** The bundle of a stage's module. */
export async function codeOf(folder: string, module: string): Promise<CodeBundle> {
  const stages = [pathToFileURL(join(folder, module)).href];
  const bundled = await bundleCode(folder, { stages, runtime: RUNTIME, programs: [] });
  return bundled.stages[0];
}
