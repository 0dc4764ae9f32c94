/**
 * Predecessors: where a stage declares that it extends a param, a result that differs only by a
 * smaller value of that param is the starting point of a larger one. They are found by the hash of
 * the key's parts without the param: `extends/<hash>/<value>` holds a stage key.
 *
 * @module
 */
import { readTextIfThere, writeAtomically } from "../base/files.ts";
import type { StageKey } from "./key.ts";
import { canonicalJson, sha256 } from "../base/json.ts";
import type { Manifest } from "../store/manifest.ts";
import type { PlannedStage } from "../plan/plan.ts";
import { blobsOf, type Store } from "../store/store.ts";

/** Makes a result known to those that may extend it; before its manifest, without which it is none. */
export async function recordSuccessor(
  store: Store,
  stage: PlannedStage,
  key: StageKey,
): Promise<void> {
  const place = await placeOf(stage, key);
  if (!place) return;
  writeAtomically(store.path("extends", place.family, String(place.value)), key.key);
}

/** The result with the largest value below that of `key`, whole; `null` if there is none. */
export async function findPredecessor(
  store: Store,
  stage: PlannedStage,
  key: StageKey,
): Promise<Manifest | null> {
  const place = await placeOf(stage, key);
  if (!place) return null;
  const folder = store.path("extends", place.family);
  const smaller = valuesIn(folder).filter((value) => value < place.value).sort((a, b) => b - a);
  for (const value of smaller) {
    const manifest = store.find(readTextIfThere(`${folder}/${value}`) ?? "");
    if (manifest && await isWhole(store, manifest)) return manifest;
  }
  return null;
}

async function placeOf({ extends: param }: PlannedStage, { parts }: StageKey) {
  if (param === null) return null;
  const { [param]: value, ...params } = parts.params;
  if (typeof value !== "number") return null;
  return { family: await sha256(canonicalJson({ ...parts, params })), value };
}

function valuesIn(folder: string): number[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => Number(name)).filter(Number.isFinite);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return [];
    throw cause;
  }
}

async function isWhole(store: Store, manifest: Manifest): Promise<boolean> {
  for (const { file } of blobsOf(manifest)) if (!await store.verify(file)) return false;
  return true;
}
