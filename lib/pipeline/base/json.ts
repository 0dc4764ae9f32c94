/**
 * Canonical JSON and digests: equal values have equal texts, whatever the order of their keys.
 *
 * @module
 */

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [key: string]: Json;
};

/** JSON with sorted keys and without white space. Properties that are `undefined` are left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item) => isPlainObject(item) ? sortKeys(item) : item);
}

/** A copy of a mapping with its keys in order; what it holds keeps its own order. */
export function sortKeys<T>(object: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.keys(object).sort().map((key) => [key, object[key]]),
  );
}

/** Whether a value is a mapping, as opposed to a list, a scalar or `null`. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a mapping itself has by a name that a user chose, e.g. `constructor`. */
export function lookUp<T>(mapping: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(mapping, name) ? mapping[name] : undefined;
}

/** Digests after which loading a module that makes each cheaper is worth its while. */
const FEW = 100;
let digests = 0;

/** SHA-256 in hexadecimal of a text or of bytes that fit in memory. */
export async function sha256(content: string | Uint8Array<ArrayBuffer>): Promise<string> {
  if (++digests > FEW) {
    // Web Crypto goes to another thread and back for every digest.
    const { createHash } = await import("node:crypto");
    return createHash("sha256").update(content).digest("hex");
  }
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
