/**
 * The report's folder: files that stages publish, and copies of the small tables from which the
 * report can be regenerated.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { statIfThere, temporaryName, writeFailure } from "../base/files.ts";
import { digestFile } from "../../base/digest_file.ts";
import type { Manifest } from "../store/manifest.ts";
import type { Plan, PlannedInstance } from "../plan/plan.ts";
import type { Store } from "../store/store.ts";

/** A blob and where it belongs in the report's folder. */
export interface PublishedFile {
  readonly path: string;
  readonly digest: string;
  readonly bytes: number;
}

/** Path of a committed table, relative to the report's folder. */
export function committedPath(instance: string, output: string): string {
  return join("data", `${instance}.${output}.arrow`);
}

/** What an instance has in the report's folder. */
export function publishedFiles(
  plan: Plan,
  instance: PlannedInstance,
  manifest: Manifest,
): PublishedFile[] {
  const { outputs } = plan.stages[instance.stage];
  return Object.entries(outputs).flatMap(([name, { kind }]) => {
    const record = manifest.outputs[name];
    if (record.kind === "files") {
      return Object.entries(record.files).map(([path, { file, bytes }]) => ({
        path,
        digest: file,
        bytes,
      }));
    }
    if (kind !== "committed") return [];
    const path = committedPath(instance.name, name);
    return [{ path, digest: record.file, bytes: record.bytes }];
  });
}

/**
 * Copies files into the report's folder, each by a rename. Files that are there with the right
 * content are left alone: a checkout of another report, or of another store's, is put right.
 *
 * @returns The number of files written.
 */
export async function publish(
  store: Store,
  folder: string,
  files: readonly PublishedFile[],
): Promise<number> {
  let written = 0;
  for (const { path, digest, bytes } of files) {
    const target = join(folder, path);
    if (statIfThere(target)?.size === bytes && await digestFile(target) === digest) continue;
    const temporary = temporaryName(target);
    try {
      Deno.mkdirSync(dirname(target), { recursive: true });
      Deno.copyFileSync(store.blobPath(digest), temporary);
      Deno.chmodSync(temporary, 0o644);
      Deno.renameSync(temporary, target);
      written += 1;
    } catch (cause) {
      throw writeFailure(target, cause);
    }
  }
  return written;
}
