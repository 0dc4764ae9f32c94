/**
 * The form of an entry under `/ac/`: an `ActionResult` of the Remote Execution API, in protocol
 * buffers' wire format. Servers that look into entries (bazel-remote) accept no other, and then
 * answer only with entries whose blobs are all there; servers that do not (nginx) keep any bytes.
 * Source: build/bazel/remote/execution/v2/remote_execution.proto.
 *
 * @module
 */

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
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

const encoder = new TextEncoder();

/** Makes an entry that names blobs and carries a text where an action's output would stand. */
export function encodeActionResult(blobs: readonly NamedBlob[], content: Uint8Array): Uint8Array {
  return concat([
    ...blobs.map((blob) => message(FIELD.outputFiles, outputFile(blob))),
    message(FIELD.stdoutRaw, content),
  ]);
}

/** The content of an entry; `null` if the bytes are no entry with content. */
export function decodeActionResult(bytes: Uint8Array): Uint8Array | null {
  let content: Uint8Array | null = null;
  for (let at = 0; at < bytes.length;) {
    const tag = readVarint(bytes, at);
    if (!tag) return null;
    at = tag.end;
    const wireType = tag.value % 8;
    if (wireType === VARINT) at = readVarint(bytes, at)?.end ?? Infinity;
    else if (wireType === FIXED_64) at += 8;
    else if (wireType === FIXED_32) at += 4;
    else if (wireType === LENGTH_DELIMITED) {
      const length = readVarint(bytes, at);
      if (!length) return null;
      at = length.end + length.value;
      if (Math.floor(tag.value / 8) === FIELD.stdoutRaw) content = bytes.subarray(length.end, at);
    } else return null;
    if (at > bytes.length) return null;
  }
  return content;
}

function outputFile({ path, file, bytes }: NamedBlob): Uint8Array {
  const digest = concat([
    message(FIELD.hash, encoder.encode(file)),
    varint(FIELD.sizeBytes * 8 + VARINT),
    varint(bytes),
  ]);
  return concat([message(FIELD.path, encoder.encode(path)), message(FIELD.digest, digest)]);
}

function message(field: number, content: Uint8Array): Uint8Array {
  return concat([varint(field * 8 + LENGTH_DELIMITED), varint(content.length), content]);
}

/** @param value From 0 to 2^53 - 1, beyond what bit operations can do. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return Uint8Array.from([...bytes, value]);
}

function readVarint(bytes: Uint8Array, start: number): { value: number; end: number } | null {
  let value = 0;
  for (let at = start, scale = 1; at < bytes.length && at < start + 10; at++, scale *= 128) {
    value += bytes[at] % 128 * scale;
    if (bytes[at] < 128) return { value, end: at + 1 };
  }
  return null;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
