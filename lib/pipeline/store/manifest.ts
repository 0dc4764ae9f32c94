/**
 * Manifests: what one execution of a stage instance was given and what it made. A manifest is
 * written last, so that its presence means that everything it names is in the store.
 *
 * @module
 */
import type { Json } from "../base/json.ts";
import type { Environment } from "../stage/job.ts";
import type { Provenance } from "../stage/stage.ts";

/** A table in the store. */
export interface TableRecord {
  readonly kind: "table";
  /** SHA-256 of the file. */
  readonly file: string;
  readonly bytes: number;
  readonly rows: number;
  /** Digest of each column's content. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Files for people, in the store. */
export interface FilesRecord {
  readonly kind: "files";
  /** SHA-256 and size by relative path. */
  readonly files: Readonly<Record<string, { readonly file: string; readonly bytes: number }>>;
}

/** An output in the store. */
export type OutputRecord = TableRecord | FilesRecord;

/** What enters the key for one input. */
export type InputKey =
  | null
  | Readonly<Record<string, string>>
  | readonly {
    readonly axes: Readonly<Record<string, string>>;
    readonly columns: Readonly<Record<string, string>>;
    readonly provenance?: Provenance;
  }[];

/** Everything that enters a stage key. */
export interface KeyParts {
  readonly format: 1;
  readonly code: string;
  readonly params: Readonly<Record<string, Json>>;
  /** Digest of what lies at each location; the location itself where only the stage can reach it. */
  readonly locations: Readonly<Record<string, string | null>>;
  readonly inputs: Readonly<Record<string, InputKey>>;
  readonly seed: number;
}

/** The record of one execution. */
export interface Manifest {
  readonly key: string;
  readonly parts: KeyParts;
  readonly instance: string;
  readonly outputs: Readonly<Record<string, OutputRecord>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly environment: Environment;
  readonly host: string;
  /** ISO 8601. */
  readonly finishedAt: string;
  readonly seconds: number;
  readonly peakMemoryBytes: number;
  /** Where `verify --adopt` gave an older result a new code key. */
  readonly adopted?: Adoption;
}

/** Why a result counts as that of code which did not make it. */
export interface Adoption {
  /** The code key that made the result. */
  readonly from: string;
  /** The instances that the new code made again with equal values. */
  readonly compared: readonly string[];
}

/**
 * The part of a manifest that consumers may read.
 *
 * @param instance Whose result it is to the consumer; the one that executed may be another of equal
 * key.
 */
export function provenanceOf(manifest: Manifest, instance: string): Provenance {
  return {
    stageKey: manifest.key,
    instance,
    params: manifest.parts.params,
    seed: manifest.parts.seed,
    seconds: manifest.seconds,
    device: manifest.environment.device,
    versions: manifest.environment.versions,
  };
}
