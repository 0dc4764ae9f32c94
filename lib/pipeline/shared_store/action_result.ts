/**
 * The form of an entry under `/ac/`: an `ActionResult` of the Remote Execution API, in protocol
 * buffers' wire format. Servers that look into entries (bazel-remote) accept no other, and then
 * answer only with entries whose blobs are all there; servers that do not (nginx) keep any bytes.
 * Source: build/bazel/remote/execution/v2/remote_execution.proto.
 *
 * @module
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** A blob that an entry names, so that a server knows to keep it as long as the entry. */
export interface NamedBlob {
  /** Relative path. */
  readonly path: string;
  /** SHA-256 in hexadecimal. */
  readonly file: string;
  readonly bytes: number;
}

/** Numbers of the fields that are used here. */
const FIELD = { outputFiles: 2, stdoutRaw: 5, path: 1, digest: 2, hash: 1, sizeBytes: 2 } as const;

/** Makes an entry that names blobs and carries a text where an action's output would stand. */
export function encodeActionResult(blobs: readonly NamedBlob[], content: Uint8Array): Uint8Array {
  const writer = new BinaryWriter();
  for (const { path, file, bytes } of blobs) {
    writer.tag(FIELD.outputFiles, WireType.LengthDelimited).fork();
    writer.tag(FIELD.path, WireType.LengthDelimited).string(path);
    writer.tag(FIELD.digest, WireType.LengthDelimited).fork();
    writer.tag(FIELD.hash, WireType.LengthDelimited).string(file);
    writer.tag(FIELD.sizeBytes, WireType.Varint).int64(bytes);
    writer.join().join();
  }
  return writer.tag(FIELD.stdoutRaw, WireType.LengthDelimited).bytes(content).finish();
}

/** The content of an entry; `null` if the bytes are not an entry with content. */
export function decodeActionResult(bytes: Uint8Array): Uint8Array | null {
  const reader = new BinaryReader(bytes);
  let content: Uint8Array | null = null;
  try {
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (field === FIELD.stdoutRaw && type === WireType.LengthDelimited) content = reader.bytes();
      else reader.skip(type, field);
    }
  } catch {
    return null;
  }
  return content;
}
