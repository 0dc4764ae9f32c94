/**
 * What an instance has in the report's folder: files that its stage publishes, and copies of the
 * small tables from which the report can be regenerated.
 *
 * @module
 */
import { pathName } from "../base/relative_path.ts";
import type { Manifest } from "../store/manifest.ts";
import type { Plan, PlannedInstance } from "../plan/plan.ts";

/** A blob and where it belongs in the report's folder. */
export interface PublishedFile {
  /** Whose file it is. */
  readonly instance: string;
  readonly output: string;
  /** As the stage called it, or a shared store: not checked. */
  readonly path: string;
  readonly digest: string;
  readonly bytes: number;
  /** Whether it is a committed table: only the engine names those. */
  readonly isTable: boolean;
}

/** Path of a committed table, relative to the report's folder. */
export function committedPath(instance: string, output: string): string {
  return `data/${pathName(instance)}.${output}.arrow`;
}

/** What an instance has in the report's folder. */
export function publishedFiles(
  plan: Plan,
  { name: instance, stage }: PlannedInstance,
  manifest: Manifest,
): PublishedFile[] {
  const published: PublishedFile[] = [];
  for (const [output, { kind }] of Object.entries(plan.stages[stage].outputs)) {
    const add = (path: string, { file: digest, bytes }: { file: string; bytes: number }) =>
      published.push({ instance, output, path, digest, bytes, isTable: kind !== "files" });
    const record = manifest.outputs[output];
    if (record.kind === "files") {
      for (const [path, blob] of Object.entries(record.files)) add(path, blob);
    } else if (kind === "committed") add(committedPath(instance, output), record);
  }
  return published;
}
