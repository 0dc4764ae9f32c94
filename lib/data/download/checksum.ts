/**
 * What a publisher says of a file's contents.
 *
 * @module
 */
import type { DigestAlgorithm } from "../../base/digest_file.ts";

/** An expected digest of a file. */
export interface Checksum {
  readonly algorithm: DigestAlgorithm;
  /** The digest in hexadecimal. */
  readonly hex: string;
}
