/**
 * Digests of columns. They depend on the values, their type and the metadata that gives them
 * meaning, and not on how the rows were cut into batches or where the file lies: what reads only
 * `label` stays fresh when `image` changes.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import type { ColumnKind, ColumnValues } from "./schema.ts";

/** Accumulates the digest of one column, batch by batch. */
export class ColumnDigest {
  readonly #hash: Hash = createHash("sha256");
  readonly #kind: ColumnKind;

  /**
   * @param shape The shape of a tensor's row.
   * @param metadata What gives the values meaning, such as class names.
   */
  constructor(
    kind: ColumnKind,
    shape: readonly number[],
    metadata: Readonly<Record<string, string>>,
  ) {
    this.#kind = kind;
    const meaning = Object.entries(metadata).sort(([a], [b]) => a < b ? -1 : 1);
    this.#hash.update(`${JSON.stringify([kind, shape, meaning])}\n`);
  }

  /** Adds the values of a batch. */
  update(values: ColumnValues<ColumnKind>): void {
    if (!Array.isArray(values)) return this.#bytes(values);
    for (const value of values) this.#item(value);
  }

  #item(value: string | Int32Array | Float32Array): void {
    const bytes = this.#kind === "utf8"
      ? new TextEncoder().encode(value as string)
      : value as Int32Array | Float32Array;
    this.#bytes(Uint32Array.of(bytes.byteLength));
    this.#bytes(bytes);
  }

  #bytes(view: ArrayBufferView): void {
    this.#hash.update(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }

  /** The digest in hexadecimal; ends the accumulation. */
  finish(): string {
    return this.#hash.digest("hex");
  }
}
