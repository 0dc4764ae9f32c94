/**
 * Manifests as a shared store keeps them. What comes from there is checked before it is believed:
 * it must be whole, belong to the key that was asked for, and have the outputs of the stage.
 *
 * @module
 */
import { z } from "zod";
import { canonicalJson, sha256 } from "../base/json.ts";
import { pathConflict, pathFault } from "../base/relative_path.ts";
import { keyOf } from "../freshness/key.ts";
import type { KeyParts, Manifest } from "../store/manifest.ts";
import type { PlannedStage } from "../plan/plan.ts";
import { DamageError } from "./damage_error.ts";
import { decodeActionResult, encodeActionResult, type NamedBlob } from "./action_result.ts";

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const blob = { file: digest, bytes: z.int().min(0) };
/** Files are published by these paths. */
const files = z.record(z.string(), z.object(blob)).superRefine((files, context) => {
  const paths = Object.keys(files);
  for (const path of paths) {
    const fault = pathFault(path);
    if (fault !== null) context.addIssue(`the path ${JSON.stringify(path)} is refused: ${fault}`);
  }
  if (pathConflict(paths)) context.addIssue("two of its paths cannot lie in one folder");
});
const record = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("table"),
    ...blob,
    rows: z.int().min(0),
    columns: z.record(z.string(), z.string()),
  }),
  z.object({ kind: z.literal("files"), files }),
]);
const manifest = z.object({
  key: digest,
  parts: z.looseObject({ code: z.string() }),
  instance: z.string(),
  outputs: z.record(z.string(), record),
  metrics: z.record(z.string(), z.unknown()).transform(numbersOf),
  environment: z.object({ device: z.string(), versions: z.record(z.string(), z.string()) }),
  host: z.string(),
  finishedAt: z.string(),
  seconds: z.number().min(0),
  peakMemoryBytes: z.number().min(0),
  adopted: z.object({ from: z.string(), compared: z.array(z.string()) }).optional(),
});
const entry = z.object({ sha256: digest, manifest: z.unknown() });
/** A manifest holds params within params, but not without end. */
const MAX_NESTING = 64;

/** A manifest as bytes for `/ac/`. */
export async function encodeEntry(manifest: Manifest): Promise<Uint8Array> {
  const digest = await sha256(canonicalJson(manifest));
  const text = canonicalJson({ sha256: digest, manifest });
  return encodeActionResult(namedBlobs(manifest), new TextEncoder().encode(text));
}

/**
 * The manifest in bytes from `/ac/`.
 *
 * @throws {DamageError} if they are damaged, or belong to another key or another stage.
 */
export async function decodeEntry(
  bytes: Uint8Array,
  key: string,
  outputs: PlannedStage["outputs"],
): Promise<Manifest> {
  const content = decodeActionResult(bytes);
  if (!content) throw new DamageError("it is no ActionResult with a manifest");
  const json = parseJson(new TextDecoder().decode(content));
  if (!isNestedWithin(json, MAX_NESTING)) throw new DamageError("it is nested too deeply");
  const sealed = parse(entry, json);
  if (await sha256(canonicalJson(sealed.manifest)) !== sealed.sha256) {
    throw new DamageError("its content does not have its SHA-256");
  }
  const found = parse(manifest, sealed.manifest) as unknown as Manifest;
  const { parts } = found as { parts: KeyParts };
  if (found.key !== key || await keyOf(parts) !== key) {
    throw new DamageError(`it is the manifest of another key, ${found.key}`);
  }
  assertOutputs(found, outputs);
  return found;
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw new DamageError(`it holds no manifest: ${path.join(".")}: ${message}`);
}

/** Metrics are for people: one that is not a number is left out, and the result is as good. */
function numbersOf(metrics: Readonly<Record<string, unknown>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).filter((each): each is [string, number] => Number.isFinite(each[1])),
  );
}

function isNestedWithin(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((each) => isNestedWithin(each, depth - 1));
}

function assertOutputs({ outputs }: Manifest, declared: PlannedStage["outputs"]): void {
  const shape = (kinds: [string, string][]) => canonicalJson(Object.fromEntries(kinds));
  const has = Object.entries(outputs).map(([name, { kind }]): [string, string] => [name, kind]);
  const needs = Object.entries(declared).map((
    [name, { kind }],
  ): [string, string] => [name, kind === "files" ? "files" : "table"]);
  if (shape(has) !== shape(needs)) throw new DamageError("it lacks outputs of the stage");
}

function namedBlobs({ outputs }: Manifest): NamedBlob[] {
  return Object.entries(outputs).flatMap(([name, record]) =>
    record.kind === "table"
      ? [{ path: `${name}.arrow`, file: record.file, bytes: record.bytes }]
      : Object.entries(record.files).map(([path, each]) => ({ path: `${name}/${path}`, ...each }))
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
