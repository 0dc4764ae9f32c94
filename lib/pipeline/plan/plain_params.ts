/**
 * Params as the key, the store and the stage have them: JSON. A schema may make anything of what is
 * written; what JSON cannot hold would reach the stage as something else.
 *
 * @module
 */
import type { Json } from "../base/json.ts";
import type { ValidatedParams } from "./inspector.ts";

/** Deeper values are refused, among them those that contain themselves. */
const MOST_LEVELS = 64;

/** Validated params as JSON, without what is `undefined`; or every value that JSON cannot hold. */
export function asPlainJson(params: Readonly<Record<string, unknown>>): ValidatedParams {
  const issues: { path: readonly string[]; message: string }[] = [];
  const refuse = (path: readonly string[], what: string) => {
    const message = `its schema makes ${what} of it, which cannot be kept: let it make a text, ` +
      "a finite number, true, false, null, a list or a mapping";
    issues.push({ path, message });
    return null;
  };
  const plain = (value: unknown, path: readonly string[]): Json => {
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (path.length > MOST_LEVELS) return refuse(path.slice(0, 1), "too deep a value");
    if (Array.isArray(value)) return value.map((item, i) => plain(item, [...path, String(i)]));
    if (!isMapping(value)) return refuse(path, describe(value));
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries.map(([name, item]) => [name, plain(item, [...path, name])]));
  };
  const result = Object.entries(params).filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, plain(value, [name])] as const);
  return issues.length > 0 ? { issues } : { params: Object.fromEntries(result) };
}

function isMapping(value: unknown): value is object {
  const prototype = typeof value === "object" && value !== null && Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "object" && value !== null) {
    return `a ${value.constructor?.name ?? "object"}`;
  }
  return value === undefined ? "undefined" : `a ${typeof value}`;
}
