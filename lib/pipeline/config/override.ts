/**
 * Values of the command line: `-S key=value`.
 *
 * @module
 */
import { OVERRIDE_FILE } from "../base/errors.ts";
import { suggestion } from "../base/suggest.ts";
import type { Located, LocatedMap, Place, Problems } from "./located.ts";
import { parseLocated } from "./parse.ts";

/** An override: `key` is a top-level param or `stage.param`, and may go on into a mapping: `a.b.c`. */
export interface Override {
  readonly key: string;
  readonly value: string;
}

/**
 * What an override lays over a pipeline: a mapping with its one value.
 *
 * @param pipeline The pipeline with its profile and the overrides before this one.
 * @returns an empty mapping if the key names nothing; what is wrong goes to `problems`.
 */
export function overrideTree(
  pipeline: LocatedMap,
  { key, value }: Override,
  problems: Problems,
): Located {
  const source = { file: OVERRIDE_FILE, text: `${key}=${value}` };
  const node = parseLocated(source, { from: key.length + 1 });
  const place = { source, start: 0, end: key.length };
  const nothing: LocatedMap = { kind: "map", entries: new Map(), place };
  const names = key.split(".");
  if (names.includes("")) {
    problems.add(place, `"${key}" is not a key`, "a key is PARAM or STAGE.PARAM");
    return nothing;
  }
  const path = pathOf(pipeline, names, place, problems);
  if (path === null || !leadsThroughMappings(pipeline, path, place, problems)) return nothing;
  return path.reduceRight<Located>(
    (inner, name) => ({
      kind: "map",
      entries: new Map([[name, { key: place, value: inner }]]),
      place,
    }),
    node,
  );
}

/** Where a key leads: one name is a param's; several begin with a stage's name, or a param's. */
function pathOf(
  pipeline: LocatedMap,
  [first, ...rest]: readonly string[],
  place: Place,
  problems: Problems,
): string[] | null {
  const [stages, params] = ["stages", "params"].map((name) => namesIn(pipeline, name));
  if (rest.length > 0 && stages.includes(first)) return ["stages", first, "params", ...rest];
  if (params.includes(first)) return ["params", first, ...rest];
  const [what, known] = rest.length > 0 ? ["stage", stages] as const : ["param", params] as const;
  problems.add(place, `there is no ${what} "${first}"`, suggestion(first, known));
  return null;
}

function namesIn(pipeline: LocatedMap, name: string): string[] {
  const node = pipeline.entries.get(name)?.value;
  return node?.kind === "map" ? [...node.entries.keys()] : [];
}

/** A value inside a reference or a list cannot be laid over: the rest of it would be lost. */
function leadsThroughMappings(
  pipeline: LocatedMap,
  path: readonly string[],
  place: Place,
  problems: Problems,
): boolean {
  let node: Located | undefined = pipeline;
  for (const [depth, name] of path.entries()) {
    if (node?.kind === "map") node = node.entries.get(name)?.value;
    else if (node && !(node.kind === "scalar" && node.value === null)) {
      const owner = path.slice(0, depth).filter((each) => each !== "params" && each !== "stages");
      problems.add(place, `"${owner.join(".")}" is not a mapping, so nothing in it can be set`);
      return false;
    }
  }
  return true;
}
