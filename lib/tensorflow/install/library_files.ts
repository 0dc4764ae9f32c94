/**
 * Where the native library's files lie and what they are called.
 *
 * @module
 */
import { join } from "node:path";

/** The release of TensorFlow that is installed where none is found. */
export const TENSORFLOW_VERSION = "2.21.0";

/** The file that describes an installed library, written last: without it the entry is not complete. */
export const DESCRIPTION_FILE = "library.json";

/** A release of a Python package, of which one file is accepted. */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the wheel, hexadecimal. */
  readonly sha256: string;
}

/** What {@link DESCRIPTION_FILE} says. */
export interface LibraryDescription {
  readonly version: string;
  /** Whether the build carries kernels for GPUs. */
  readonly gpu: boolean;
  /** Size in bytes of each library file, by name. */
  readonly files: Readonly<Record<string, number>>;
  /** CUDA's packages beside it; absent from a build for CPUs. */
  readonly packages?: readonly PinnedPackage[];
}

/** Names of the two libraries: the C API with all kernels, and the framework that it links to. */
export interface LibraryFiles {
  readonly api: string;
  readonly framework: string;
}

/** The libraries' file names on an operating system. */
export function libraryFiles(os: typeof Deno.build.os = Deno.build.os): LibraryFiles {
  return os === "darwin"
    ? { api: "libtensorflow_cc.2.dylib", framework: "libtensorflow_framework.2.dylib" }
    : { api: "libtensorflow_cc.so.2", framework: "libtensorflow_framework.so.2" };
}

/** The per-user cache of this project: `$XDG_CACHE_HOME` or `~/.cache`, then the project's name. */
export function userCacheFolder(): string {
  const base = Deno.env.get("XDG_CACHE_HOME") || join(homeFolder(), ".cache");
  return join(base, "benign-memorization");
}

function homeFolder(): string {
  const home = Deno.env.get("HOME");
  if (!home) {
    throw new Error(
      "Cannot find the per-user cache as HOME must be set: current value is <unset>. " +
        "Set HOME or XDG_CACHE_HOME.",
    );
  }
  return home;
}

/** The cache's entry for a build; its libraries lie in `tensorflow/`, CUDA's parts in `nvidia/`. */
export function cacheEntry(cache: string, gpu: boolean): string {
  return join(cache, `tensorflow-${TENSORFLOW_VERSION}-${gpu ? "gpu" : "cpu"}`);
}

/** The size in bytes of each of the two libraries in `folder`, or null where one is missing. */
export async function librarySizes(folder: string): Promise<Record<string, number> | null> {
  const sizes: Record<string, number> = {};
  for (const name of Object.values(libraryFiles())) {
    try {
      const info = await Deno.stat(join(folder, name));
      if (!info.isFile) return null;
      sizes[name] = info.size;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
        return null;
      }
      throw error;
    }
  }
  return sizes;
}

/** Reads a cache entry's description, or null where the entry is absent, incomplete or damaged. */
export async function readDescription(entry: string): Promise<LibraryDescription | null> {
  try {
    const text = await Deno.readTextFile(join(entry, DESCRIPTION_FILE));
    const description = JSON.parse(text) as LibraryDescription;
    const sizes = await librarySizes(join(entry, "tensorflow"));
    const complete = sizes !== null &&
      Object.entries(sizes).every(([name, bytes]) => description.files[name] === bytes);
    return complete ? description : null;
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
      error instanceof SyntaxError
    ) return null;
    throw error;
  }
}
