/**
 * Stage keys: the SHA-256 of everything that an instance's results can depend on, and of nothing
 * else. The stage's name, paths, times, the machine and the number of jobs are not among it.
 *
 * @module
 */
import { messageOf } from "../../base/message_of.ts";
import { digestFile } from "../../base/digest_file.ts";
import { canonicalJson, sha256 } from "../base/json.ts";
import { isAddress } from "../plan/locations.ts";
import { type InputKey, type KeyParts, type Manifest, provenanceOf } from "../store/manifest.ts";
import type { Plan, PlannedInput, PlannedInstance } from "../plan/plan.ts";
import { PipelineError } from "../base/errors.ts";

/** A stage key with its parts. */
export interface StageKey {
  readonly key: string;
  readonly parts: KeyParts;
}

/** Looks up the axis values of an instance. */
type AxesLookup = (instance: string) => Readonly<Record<string, string>>;
/** Looks up the up-to-date manifest of a producer. */
type ManifestLookup = (instance: string) => Manifest;

/**
 * Computes the key of an instance whose producers are all up to date.
 *
 * @param manifestOf The manifest of a producer.
 * @param last A key of which nothing is hashed again if its parts are the same, as they mostly are.
 */
export async function computeKey(
  plan: Plan,
  instance: PlannedInstance,
  axesOf: AxesLookup,
  manifestOf: ManifestLookup,
  last: StageKey | null = null,
): Promise<StageKey> {
  const locations = await digestLocations(instance);
  return await assembleKey(plan, instance, locations, axesOf, manifestOf, last);
}

/** As {@link computeKey}, where it is known already what lies at the locations. */
export async function assembleKey(
  plan: Plan,
  instance: PlannedInstance,
  locations: KeyParts["locations"],
  axesOf: AxesLookup,
  manifestOf: ManifestLookup,
  last: StageKey | null = null,
): Promise<StageKey> {
  const parts: KeyParts = {
    format: 1,
    code: plan.stages[instance.stage].codeKey,
    params: instance.params,
    locations,
    inputs: Object.fromEntries(
      instance.inputs.map((input) => [input.name, inputKey(input, axesOf, manifestOf)]),
    ),
    seed: instance.seed,
  };
  const isSame = last !== null && canonicalJson(last.parts) === canonicalJson(parts);
  return { key: isSame ? last.key : await keyOf(parts), parts };
}

/** The key that parts make. */
export function keyOf(parts: KeyParts): Promise<string> {
  return sha256(canonicalJson(parts));
}

function inputKey(
  input: PlannedInput,
  axesOf: AxesLookup,
  manifestOf: ManifestLookup,
): InputKey {
  const members = input.producers.map(({ instance, output }) => {
    const manifest = manifestOf(instance);
    const record = manifest.outputs[output];
    const digests = record.kind === "table" ? record.columns : {};
    return {
      axes: axesOf(instance),
      columns: Object.fromEntries(input.columns.map((column) => [column, digests[column]])),
      ...(input.provenance ? { provenance: provenanceOf(manifest, instance) } : {}),
    };
  });
  return input.mode === "gather" ? members : members[0]?.columns ?? null;
}

/** What the key holds of an instance's locations, as they are now. */
export async function digestLocations(
  { name, locations }: PlannedInstance,
): Promise<KeyParts["locations"]> {
  const digests = Object.entries(locations).map(async ([param, location]) =>
    [param, await digestLocation(name, param, location)] as const
  );
  return Object.fromEntries(await Promise.all(digests));
}

/** The digest of a local file, or the address of what only the stage can reach. */
async function digestLocation(
  instance: string,
  param: string,
  location: string | null,
): Promise<string | null> {
  if (location === null || isAddress(location)) return location;
  try {
    return await digestFile(location);
  } catch (cause) {
    throw new PipelineError(
      `Cannot run ${instance} as its param "${param}" must name a file: current value is ` +
        `"${location}" (${messageOf(cause)})`,
      { cause },
    );
  }
}
