/**
 * The files by which a project tells Deno what its imports stand for, found as Deno finds them: the
 * nearest deno.json or package.json, and the workspace's above it.
 *
 * @module
 */
import { parse as parseJsonc, type ParseError, printParseErrorCode } from "jsonc-parser";
import { dirname, join, matchesGlob, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { PipelineError } from "../base/errors.ts";
import { readTextIfThere } from "../base/files.ts";
import type { CompilerOptions } from "./bundler.ts";

/** Names of files that change what imports stand for, in whatever folder above a module. */
const CONFIGURATION_NAMES = ["deno.json", "deno.jsonc", "package.json"] as const;

/** What a project's configuration says of its code. */
export interface Configuration {
  /** The lock file; `null` where there is none to be. */
  readonly lock: string | null;
  readonly compilerOptions: CompilerOptions;
  /** Deno's unstable features that are switched on. */
  readonly unstable: readonly string[];
  /** Further files that it names: an import map, linked packages. */
  readonly files: readonly string[];
}

interface ConfigFile {
  readonly path: string;
  // deno-lint-ignore no-explicit-any -- Deno itself has checked it
  readonly content: Readonly<Record<string, any>>;
}

/** Reads the configuration that holds for a folder. */
export function readConfiguration(folder: string): Configuration {
  const configs = configsAbove(folder);
  const nearest = configs.at(0);
  if (!nearest) return { lock: null, compilerOptions: {}, unstable: [], files: [] };
  const root = configs.slice(1).find((config) => hasMember(config, dirname(nearest.path))) ??
    nearest;
  const base = dirname(root.path);
  const { lock, importMap, links, patch, unstable = [] } = root.content;
  const lockName = typeof lock === "object" ? lock.path ?? "deno.lock" : lock;
  return {
    lock: lock === false
      ? null
      : resolve(base, typeof lockName === "string" ? lockName : "deno.lock"),
    compilerOptions: forEsbuild({
      ...root.content.compilerOptions,
      ...nearest.content.compilerOptions,
    }),
    unstable: [...new Set<string>([...unstable, ...nearest.content.unstable ?? []])],
    files: [
      ...typeof importMap === "string" ? [resolve(base, importMap)] : [],
      ...[...links ?? [], ...patch ?? []].flatMap((link: string) =>
        CONFIGURATION_NAMES.map((name) => join(base, link, name))
      ),
    ],
  };
}

/**
 * Paths at which a configuration would hold for a folder or for modules, whether it is there or not.
 *
 * @param addresses Addresses of modules.
 */
export function configurationFiles(folder: string, addresses: readonly string[]): string[] {
  const local = addresses.filter((address) => address.startsWith("file:"))
    .map((address) => fileURLToPath(address));
  const folders = new Set([folder, ...foldersAbove(folder)]);
  for (const path of local) {
    for (let at = dirname(path); !folders.has(at); at = dirname(at)) folders.add(at);
  }
  return [...folders].flatMap((at) => CONFIGURATION_NAMES.map((name) => join(at, name)));
}

/** Every folder above a path, the nearest first. */
function foldersAbove(path: string): string[] {
  const above = dirname(path);
  return above === path ? [] : [above, ...foldersAbove(above)];
}

/** One configuration for each folder at or above another, the nearest first. */
function configsAbove(folder: string): ConfigFile[] {
  return [folder, ...foldersAbove(folder)].flatMap((at) => {
    for (const name of CONFIGURATION_NAMES) {
      const path = join(at, name);
      const text = readTextIfThere(path);
      if (text !== null) return [{ path, content: parseConfig(path, text) }];
    }
    return [];
  });
}

function parseConfig(path: string, text: string): ConfigFile["content"] {
  const errors: ParseError[] = [];
  const content = parseJsonc(text, errors, { allowTrailingComma: true });
  if (errors.length === 0) return content ?? {};
  const line = text.slice(0, errors[0].offset).split("\n").length;
  throw new PipelineError(
    `Cannot read ${path}:${line} as JSON: ${printParseErrorCode(errors[0].error)}`,
  );
}

function hasMember({ path, content }: ConfigFile, folder: string): boolean {
  const { workspace, workspaces } = content;
  const named = workspace?.members ?? workspace ?? workspaces ?? [];
  const member = relative(dirname(path), folder);
  return Array.isArray(named) &&
    named.some((pattern: string) =>
      matchesGlob(member, pattern.replace(/^\.\//, "").replace(/\/$/, ""))
    );
}

/** Of Deno's compiler options those that change what a program does, as esbuild knows them. */
function forEsbuild(options: CompilerOptions): CompilerOptions {
  const names = [
    "jsx",
    "jsxFactory",
    "jsxFragmentFactory",
    "jsxImportSource",
    "experimentalDecorators",
    "verbatimModuleSyntax",
    "useDefineForClassFields",
  ];
  const chosen = names.flatMap((name) => name in options ? [[name, options[name]]] : []);
  const { jsx, ...rest } = Object.fromEntries(chosen);
  if (jsx === undefined) return rest;
  // Deno's "precompile" computes the same as "react-jsx" does.
  return { ...rest, jsx: jsx === "precompile" ? "react-jsx" : jsx };
}
