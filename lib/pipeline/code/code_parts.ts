/**
 * What stands behind a code key, and how two of them differ in the words of the person who changed
 * the code: ``lib/nn/adam.ts: function `step` changed``, `npm zod 4.6.7 -> 4.6.8`.
 *
 * @module
 */
import type { Declarations } from "./declarations.ts";
import { canonicalJson } from "../base/json.ts";

/** The parts of a code key. */
export interface CodeParts {
  /** Digests of the declarations that the stage uses, by module relative to the pipeline's folder. */
  readonly modules: Readonly<Record<string, Declarations>>;
  /** Locked npm packages, transitively: `name@version`, sorted. */
  readonly packages: readonly string[];
  /** The code key of the engine's side of the stage's process; `null` where that is not known. */
  readonly runtime: string | null;
}

/** How many declarations of one module are named. */
const SHOWN = 3;

/** The differences between the parts of two code keys; empty where they tell none. */
export function codeDifferences(before: CodeParts, after: CodeParts): string[] {
  const modules = union(before.modules, after.modules).flatMap((module) =>
    moduleDifference(module, before.modules[module], after.modules[module])
  );
  const isOtherRuntime = before.runtime !== null && after.runtime !== null &&
    before.runtime !== after.runtime;
  return [
    ...modules,
    ...packageDifferences(before.packages, after.packages),
    ...isOtherRuntime ? ["the engine's side of a stage's process changed"] : [],
  ];
}

function moduleDifference(
  module: string,
  before: Declarations | undefined,
  after: Declarations | undefined,
): string[] {
  if (!before) return [`${module}: used now`];
  if (!after) return [`${module}: no longer used`];
  const changed = union(before, after).flatMap((name) => {
    if (before[name] === after[name]) return [];
    const how = !(name in before) ? "added" : name in after ? "changed" : "removed";
    return [`${name} ${how}`];
  });
  if (changed.length === 0) return [];
  if (changed.length > SHOWN) return [`${module}: ${changed.length} declarations changed`];
  return [`${module}: ${changed.join(", ")}`];
}

function packageDifferences(before: readonly string[], after: readonly string[]): string[] {
  const [old, now] = [versionsByName(before), versionsByName(after)];
  return union(old, now).flatMap((name) => {
    if (canonicalJson(old[name]) === canonicalJson(now[name])) return [];
    const [from, to] = [old, now].map((versions) => versions[name]?.join(" and ") ?? "(none)");
    return [`npm ${name} ${from} -> ${to}`];
  });
}

function versionsByName(packages: readonly string[]): Record<string, string[]> {
  const versions: Record<string, string[]> = {};
  for (const id of packages) {
    const at = id.indexOf("@", 1);
    const [name, version] = at < 0 ? [id, "?"] : [id.slice(0, at), id.slice(at + 1)];
    (versions[name] ??= []).push(version);
  }
  return versions;
}

function union(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}
