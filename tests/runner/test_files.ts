/**
 * Finds the test files, and those of them that load native code.
 *
 * @module
 */
import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Needs a real Slurm; `deno task test:cluster` runs it. */
const CLUSTER = "tests/cluster";

/**
 * The test files in folders, or the files themselves.
 *
 * @param paths Relative to the working directory; all tests if there are none.
 * @throws {Error} if a path names no tests.
 */
export function findTestFiles(paths: readonly string[]): string[] {
  if (paths.length === 0) return testsIn("tests").filter((file) => !file.startsWith(`${CLUSTER}/`));
  return [...new Set(paths.flatMap(testsAt))];
}

function testsAt(path: string): string[] {
  let found: string[];
  try {
    found = Deno.statSync(path).isDirectory ? testsIn(path) : [relative("", resolve(path))];
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    found = [];
  }
  if (found.length > 0) return found;
  throw new Error(
    `Cannot run tests as a path must be a test file or a folder with *_test.ts: current value is "${path}"`,
  );
}

function testsIn(folder: string): string[] {
  const entries = [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  return entries.flatMap(({ name, isDirectory }) => {
    const path = relative("", resolve(folder, name));
    if (isDirectory) return testsIn(path);
    return name.endsWith("_test.ts") ? [path] : [];
  });
}

/** A module of `deno info --json`. */
interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly { readonly code?: { readonly specifier?: string } }[];
}

/** Those of the files that can load a native library: some module of `lib/` that they import does. */
export async function filesWithNativeCode(files: readonly string[]): Promise<Set<string>> {
  const modules = await modulesOf(files);
  const loaders = new Set([...modules.keys()].filter(loadsLibraries));
  return new Set(
    files.filter((file) => !loaders.isDisjointFrom(reachable(urlOf(file), modules))),
  );
}

const LIB = new URL("../../lib/", import.meta.url).href;

function loadsLibraries(specifier: string): boolean {
  return specifier.startsWith(LIB) &&
    /\bDeno\.dlopen\(/.test(Deno.readTextFileSync(new URL(specifier)));
}

function reachable(
  from: string,
  modules: ReadonlyMap<string, Module>,
  seen = new Set<string>(),
): Set<string> {
  if (seen.has(from)) return seen;
  seen.add(from);
  for (const { code } of modules.get(from)?.dependencies ?? []) {
    if (code?.specifier !== undefined) reachable(code.specifier, modules, seen);
  }
  return seen;
}

/** Every module that the files import, early or late, by its URL. */
async function modulesOf(files: readonly string[]): Promise<Map<string, Module>> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const imports = files.map((file) => `import ${JSON.stringify(urlOf(file))};`);
    await Deno.writeTextFile(entry, imports.join("\n"));
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", entry],
      stderr: "inherit",
    }).output();
    const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: Module[] };
    return new Map(modules.map((module) => [module.specifier, module]));
  } finally {
    await Deno.remove(entry);
  }
}

function urlOf(path: string): string {
  return pathToFileURL(resolve(path)).href;
}
