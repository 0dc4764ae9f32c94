/**
 * Which blobs of the store an execution reads, so that they are checked before it starts.
 *
 * @module
 */
import type { PlannedInstance } from "../plan/plan.ts";
import type { Manifest } from "../store/manifest.ts";
import { blobsOf } from "../store/store.ts";

/** A blob that is about to be read. */
export interface BlobRead {
  /** Whose result it is. */
  readonly instance: string;
  readonly output: string;
  readonly digest: string;
}

/** The tables that an instance's execution reads. @param manifestOf The result of a producer, if known. */
export function tablesRead(
  { inputs }: PlannedInstance,
  manifestOf: (producer: string) => Manifest | undefined,
): BlobRead[] {
  return inputs.flatMap(({ producers }) => producers).flatMap(({ instance, output }) => {
    const record = manifestOf(instance)?.outputs[output];
    return record?.kind === "table" ? [{ instance, output, digest: record.file }] : [];
  });
}

/** Names the blobs of an up-to-date result that are read after the run: those to be published. */
export type PublicationReads = (
  instance: PlannedInstance,
  manifest: Manifest,
) => Promise<readonly BlobRead[]>;

/** Whether a result has a blob. */
export function holds(result: Manifest | undefined, digest: string): boolean {
  return result !== undefined && blobsOf(result).some(({ file }) => file === digest);
}
