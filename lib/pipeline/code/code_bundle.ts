/**
 * Code bundles: all that a stage's process executes, as files. A code key is the digest of these
 * files, among them a lock file of the npm packages that they import; the process runs them, and no
 * others. Comments, formatting, private names, unrelated exports and the place of the checkout
 * change nothing of them.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { canonicalJson } from "../base/json.ts";
import type { CodeParts } from "./code_parts.ts";

/** A program as files, with what stands behind it. */
export interface CodeBundle {
  /** The digest of all that it executes. */
  readonly key: string;
  /** Contents by relative path; the source maps among them are no part of the key. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** Ids of the locked packages that it imports itself. */
  readonly packages: readonly string[];
  readonly parts: CodeParts;
  /** Digests of the files that it was made of, by absolute path; empty for one that is not there. */
  readonly sources: Readonly<Record<string, string>>;
}

/** What a stage's bundle needs to know of the runtime that it starts. */
export type Runtime = Pick<CodeBundle, "key" | "packages" | "parts">;

/** The name of a bundle's first module. */
export const ENTRY = "entry.js";
/** The program that runs a stage: it starts the runtime with the stage's module. */
export const MAIN = "main.js";

/** The program in a stage's bundle. It imports all code statically, which needs no permission. */
export function mainOf(runtime: string): string {
  return `import { runJob } from "../${runtime}/${ENTRY}";
import stage from "./${ENTRY}";
await runJob(stage);
`;
}

/** The key of the runtime that a stage's main program starts; `null` if it is none. */
export function runtimeOf(main: string): string | null {
  return /^import \{ runJob \} from "\.\.\/([0-9a-f]{64})\//.exec(main)?.[1] ?? null;
}

/** The file of a bundle that pins its packages. */
export const LOCK = "deno.lock";

/** The digest of all that is executed. @throws {SyntaxError} if the lock file is damaged. */
export function keyOf(files: ReadonlyMap<string, string | Uint8Array>): string {
  const digests = [...files].filter(([path]) => !isSourceMap(path)).map(
    ([path, content]) => [path, digestOf(path === LOCK ? pinsIn(content) : content)],
  );
  return digestOf(canonicalJson(Object.fromEntries(digests)));
}

function digestOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** What a lock file says, whichever version of Deno wrote it. */
function pinsIn(lock: string | Uint8Array): string {
  const text = typeof lock === "string" ? lock : new TextDecoder().decode(lock);
  const { version: _, ...pins } = JSON.parse(text);
  return canonicalJson(pins);
}

/** Whether a file of a bundle only tells where code comes from. */
export function isSourceMap(path: string): boolean {
  return path.endsWith(".js.map");
}
