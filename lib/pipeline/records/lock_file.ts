/**
 * Lock files: for every instance, what it was made from and what it made. They are committed for
 * the profiles whose reports are, and `--frozen` trusts nothing else.
 *
 * @module
 */
import { messageOf } from "../../base/message_of.ts";
import type { CodeParts } from "../code/code_parts.ts";
import { EXIT, PipelineError } from "../base/errors.ts";
import { readJsonIfWhole, readTextIfThere, writeAtomically, writeJson } from "../base/files.ts";
import { canonicalJson, isPlainObject, type Json, sha256 } from "../base/json.ts";
import type { Adoption, InputKey, Manifest, OutputRecord } from "../store/manifest.ts";
import type { Plan } from "../plan/plan.ts";
import type { CodeLookup, ComparedInput } from "../freshness/reason.ts";

/** The record of a stage in a lock file. */
export interface LockedStage {
  /** The code key of all its instances. */
  readonly code: string;
  /** Present where results of older code were adopted. */
  readonly adopted?: Adoption;
  /** Digest of what the stage uses of each module: which module changed, if the code key did. */
  readonly modules: Readonly<Record<string, string>>;
  readonly packages: readonly string[];
}

/** The record of an instance in a lock file. */
export interface LockEntry {
  readonly key: string;
  readonly params: Readonly<Record<string, Json>>;
  readonly locations: Readonly<Record<string, string | null>>;
  readonly seed: number;
  /** Column digests; of a gathered input a digest of each table's record. */
  readonly inputs: Readonly<Record<string, ComparedInput>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, OutputRecord>>;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly seconds: number;
}

/** A lock file. */
export interface LockFile {
  readonly format: 1;
  readonly stages: Readonly<Record<string, LockedStage>>;
  readonly instances: Readonly<Record<string, LockEntry>>;
}

const HEADER = "# What every instance was made from and what it made. Written by the pipeline.\n";
/** Digits of digests that only tell versions of one thing apart. */
const SHORT_DIGITS = 16;

/** The lock file of a plan whose instances are all up to date. */
export async function makeLockFile(
  plan: Plan,
  manifests: ReadonlyMap<string, Manifest>,
  codeOf: CodeLookup,
): Promise<LockFile> {
  const stages: Record<string, LockedStage> = {};
  for (const { name, codeKey } of Object.values(plan.stages)) {
    stages[name] = { code: codeKey, ...await lockedCode(codeOf(codeKey)) };
  }
  const instances: Record<string, LockEntry> = {};
  for (const { name, stage } of plan.instances) {
    const manifest = manifests.get(name)!;
    instances[name] = await lockEntry(manifest);
    const { adopted } = manifest;
    if (adopted) stages[stage] = { ...stages[stage], adopted };
  }
  return { format: 1, stages, instances };
}

/** The entry of an up-to-date instance. */
export async function lockEntry(manifest: Manifest): Promise<LockEntry> {
  const { key, parts, environment, metrics, outputs, seconds } = manifest;
  return {
    key,
    params: parts.params,
    locations: parts.locations,
    seed: parts.seed,
    inputs: await lockedInputs(parts.inputs),
    metrics,
    outputs,
    device: environment.device,
    versions: environment.versions,
    seconds,
  };
}

/** Inputs as a lock file has them. */
export async function lockedInputs(
  inputs: Readonly<Record<string, InputKey>>,
): Promise<Record<string, ComparedInput>> {
  const locked: Record<string, ComparedInput> = {};
  for (const [name, input] of Object.entries(inputs)) {
    locked[name] = Array.isArray(input)
      ? await Promise.all(input.map((member) => shortDigest(member)))
      : input as ComparedInput;
  }
  return locked;
}

/** The parts of a code key as a lock file has them. */
export async function lockedCode(
  parts: CodeParts | null,
): Promise<Pick<LockedStage, "modules" | "packages">> {
  const modules: Record<string, string> = {};
  for (const [module, declarations] of Object.entries(parts?.modules ?? {})) {
    modules[module] = await shortDigest(declarations);
  }
  return { modules, packages: parts?.packages ?? [] };
}

async function shortDigest(value: unknown): Promise<string> {
  return (await sha256(canonicalJson(value))).slice(0, SHORT_DIGITS);
}

/** Writes a lock file if its text would change: sorted, so that equal results make equal files. */
export async function writeLockFile(path: string, content: LockFile): Promise<void> {
  const { stringify } = await import("yaml");
  const { format, stages, instances } = JSON.parse(canonicalJson(content)) as LockFile;
  const ordered = { format, stages, instances: mapValues(instances, orderEntry) };
  const text = HEADER + stringify(ordered, { lineWidth: 0, aliasDuplicateObjects: false });
  if (text !== readTextIfThere(path)) writeAtomically(path, text);
}

/**
 * Whether a lock file is what was last written from these results. Asked before anything of it is
 * put together, as it mostly is.
 *
 * @param memory Where the store remembers it.
 */
export async function isLockCurrent(
  path: string,
  manifests: ReadonlyMap<string, Manifest>,
  memory: string,
): Promise<boolean> {
  const text = readTextIfThere(path);
  const known = readJsonIfWhole<LockMemory>(memory);
  return text !== null && known !== null && known.results === await digestResults(manifests) &&
    known.file === await sha256(text);
}

/** Remembers from which results a lock file was written. */
export async function rememberLock(
  path: string,
  manifests: ReadonlyMap<string, Manifest>,
  memory: string,
): Promise<void> {
  const file = await sha256(readTextIfThere(path) ?? "");
  writeJson(memory, { results: await digestResults(manifests), file });
}

interface LockMemory {
  readonly results: string;
  readonly file: string;
}

function digestResults(manifests: ReadonlyMap<string, Manifest>): Promise<string> {
  return sha256(
    [...manifests].map(([name, { key, finishedAt }]) => `${name} ${key} ${finishedAt}`).join("\n"),
  );
}

/** What a person looks for first stands first; what is empty is left out. */
function orderEntry(entry: LockEntry): Partial<LockEntry> {
  const { key, params, metrics, outputs, inputs, locations, seed, seconds, device, versions } =
    entry;
  const all = { key, params, seed, locations, inputs, metrics, outputs, seconds, device, versions };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) =>
      !isPlainObject(value) || Object.keys(value).length > 0
    ),
  );
}

/** Reads a lock file; `null` if there is none. @throws {PipelineError} if it is not a whole one. */
export async function readLockFile(path: string): Promise<LockFile | null> {
  const text = readTextIfThere(path);
  return text === null ? null : await parseLockFile(text, path);
}

/**
 * Reads the text of a lock file.
 *
 * @param name What errors call it.
 * @throws {PipelineError} if it is not one.
 */
export async function parseLockFile(text: string, name: string): Promise<LockFile> {
  const { parse } = await import("yaml");
  const fault = (reason: string, cause?: unknown) =>
    new PipelineError(
      `Cannot read ${name} as ${reason}; restore it from version control, ` +
        "or run without --frozen to write it anew",
      { status: EXIT.stale, cause },
    );
  if (/^<{7} /m.test(text)) throw fault("it holds a merge conflict");
  let content: Partial<LockFile> | null;
  try {
    content = parse(text, { logLevel: "error" });
  } catch (cause) {
    throw fault(`it is not YAML: ${messageOf(cause).split("\n")[0]}`, cause);
  }
  if (content?.format !== 1 || !content.instances || !content.stages) {
    const found = content?.format ?? "missing";
    throw fault(`it must be a lock file of format 1 with stages and instances: format is ${found}`);
  }
  return { format: 1, stages: content.stages, instances: mapValues(content.instances, fillEntry) };
}

function fillEntry(entry: Partial<LockEntry>): LockEntry {
  const empty = { params: {}, locations: {}, inputs: {}, metrics: {}, outputs: {}, versions: {} };
  return { key: "", seed: 0, seconds: 0, device: "", ...empty, ...entry };
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U) {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, change(value)]),
  );
}
