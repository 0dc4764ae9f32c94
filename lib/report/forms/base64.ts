/**
 * Bytes as text, for data URIs.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** Standard base64. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** A picture as an address that needs no network. */
export function pngDataUri(png: Uint8Array): string {
  return `data:image/png;base64,${encodeBase64(png)}`;
}
