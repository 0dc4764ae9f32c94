/**
 * Manifests as a shared store keeps them. What comes from there is checked before it is believed:
 * it must be whole, belong to the key that was asked for, and have the outputs of the stage.
 *
 * @module
 */
import { isAbsolute } from "node:path";
import { z } from "zod";
import { canonicalJson, sha256 } from "../base/json.ts";
import { keyOf } from "../freshness/key.ts";
import type { KeyParts, Manifest } from "../store/manifest.ts";
import type { PlannedStage } from "../plan/plan.ts";
import { decodeActionResult, encodeActionResult, type NamedBlob } from "./action_result.ts";

/** Bytes of a shared store that are not what they should be. */
export class DamageError extends Error {
  override readonly name = "DamageError";
}

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const blob = { file: digest, bytes: z.int().min(0) };
/** Files are published by these paths: none may lead out of the report's folder. */
const relativePath = z.string().min(1).refine((path) =>
  !isAbsolute(path) && !/^[A-Za-z]:/.test(path) && !path.split(/[\\/]/).includes("..")
);
const record = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("table"),
    ...blob,
    rows: z.int().min(0),
    columns: z.record(z.string(), z.string()),
  }),
  z.object({ kind: z.literal("files"), files: z.record(relativePath, z.object(blob)) }),
]);
const manifest = z.object({
  key: digest,
  parts: z.looseObject({ code: z.string() }),
  instance: z.string(),
  outputs: z.record(z.string(), record),
  metrics: z.record(z.string(), z.number()),
  environment: z.object({ device: z.string(), versions: z.record(z.string(), z.string()) }),
  host: z.string(),
  finishedAt: z.string(),
  seconds: z.number().min(0),
  peakMemoryBytes: z.number().min(0),
  adopted: z.object({ from: z.string(), compared: z.array(z.string()) }).optional(),
});
const entry = z.object({ sha256: digest, manifest });

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
  const parsed = entry.safeParse(parseJson(new TextDecoder().decode(content)));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new DamageError(`it holds no manifest: ${path.join(".")}: ${message}`);
  }
  const found = parsed.data.manifest as unknown as Manifest;
  if (await sha256(canonicalJson(found)) !== parsed.data.sha256) {
    throw new DamageError("its content does not have its SHA-256");
  }
  const { parts } = found as { parts: KeyParts };
  if (found.key !== key || await keyOf(parts) !== key) {
    throw new DamageError(`it is the manifest of another key, ${found.key}`);
  }
  assertOutputs(found, outputs);
  return found;
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
