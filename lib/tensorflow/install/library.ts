/**
 * Finds a TensorFlow library on this machine, without ever importing Python's TensorFlow.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { lastLine, runChild } from "../../base/child.ts";
import {
  cacheEntry,
  libraryFiles,
  librarySizes,
  readDescription,
  userCacheFolder,
} from "./library_files.ts";
import type { ProbeOutput } from "./library_probe.ts";
import { LIBRARY_VARIABLE } from "../variables.ts";

/** A TensorFlow library that can be loaded. */
export interface Library {
  /** The folder that holds both libraries of {@link libraryFiles}. */
  readonly folder: string;
  /** TensorFlow's version, e.g. "2.21.0". */
  readonly version: string;
  /** Whether the build has kernels for GPUs; it also runs without one. */
  readonly gpu: boolean;
  /** Where it was found. */
  readonly origin: "TENSORFLOW_LIBRARY" | "python" | "cache";
}

/** Where {@link findLibrary} looks. */
export interface FindOptions {
  /** The folder that the user named. @default {the environment variable TENSORFLOW_LIBRARY} */
  named?: string;
  /** The Python interpreter to ask. @default {"python3"} */
  python?: string;
  /** The folder of our own installations. @default {the per-user cache} */
  cache?: string;
  /** Asks a library for its version. @default {a child process that loads it} */
  probe?: (folder: string) => Promise<ProbeOutput>;
}

type Probe = NonNullable<FindOptions["probe"]>;

/** Older releases lack `libtensorflow_cc.so.2` in their wheels or calls that the binding needs. */
const OLDEST = [2, 16] as const;

/** Python that wakes up on a network drive is slow; past this it counts as having no TensorFlow. */
const PYTHON_TIMEOUT_MS = 5_000;

/** Drops the current folder from the path first: a `tensorflow` there is not an installed one. */
const FIND_SPEC = "import sys; sys.path = [p for p in sys.path if p]; " +
  "import importlib.util as u; s = u.find_spec('tensorflow'); " +
  "print(s.origin or '' if s else '')";

/**
 * The best TensorFlow library on this machine: the one that the environment variable
 * `TENSORFLOW_LIBRARY` names, else that of an installed Python TensorFlow (2.16 or later), else
 * one that `installLibrary` put into the cache.
 *
 * @returns null where there is none.
 * @throws {Error} if `TENSORFLOW_LIBRARY` is set but does not name a usable library.
 */
export async function findLibrary(options: FindOptions = {}): Promise<Library | null> {
  const { python = "python3", cache = userCacheFolder(), probe = probeLibrary } = options;
  const named = namedFolder(options.named);
  if (named !== null) return await libraryInNamedFolder(named, probe);
  return await libraryOfPython(python, probe) ?? await libraryInCache(cache);
}

/** The folder in `TENSORFLOW_LIBRARY`, or null where the variable is unset or empty. */
export function namedFolder(value = Deno.env.get(LIBRARY_VARIABLE)): string | null {
  return value ? value : null;
}

/** Asserts that a folder which the user named holds both libraries. */
export async function requireLibraryFiles(folder: string): Promise<void> {
  if (await librarySizes(folder) !== null) return;
  const { api, framework } = libraryFiles();
  throw new Error(
    `Cannot use TENSORFLOW_LIBRARY as it must be a folder that holds ${api} and ${framework}: ` +
      `current value is "${folder}". Correct it, or unset it to have the library found or installed.`,
  );
}

async function libraryInNamedFolder(folder: string, probe: Probe): Promise<Library> {
  await requireLibraryFiles(folder);
  const described = await readDescription(dirname(folder));
  if (described !== null) {
    const { version, gpu } = described;
    return { folder, version, gpu, origin: "TENSORFLOW_LIBRARY" };
  }
  const probed = await probe(folder);
  if ("problem" in probed || !isRecent(probed.version)) {
    const found = "problem" in probed ? probed.problem : `version ${probed.version}`;
    throw new Error(
      `Cannot use TENSORFLOW_LIBRARY as it must hold TensorFlow ${OLDEST.join(".")} or later for ` +
        `${Deno.build.os} ${Deno.build.arch}: current value is "${folder}" (${found}). ` +
        "Correct it, or unset it to have the library found or installed.",
    );
  }
  return { folder, ...probed, origin: "TENSORFLOW_LIBRARY" };
}

async function libraryOfPython(python: string, probe: Probe): Promise<Library | null> {
  const origin = await askPython(python);
  if (origin === "") return null;
  const folder = dirname(origin);
  if (await librarySizes(folder) === null) return null;
  const probed = await probe(folder);
  if ("problem" in probed || !isRecent(probed.version)) return null;
  return { folder, ...probed, origin: "python" };
}

/** The path of Python's `tensorflow/__init__.py`, or "". */
async function askPython(python: string): Promise<string> {
  const signal = AbortSignal.timeout(PYTHON_TIMEOUT_MS);
  try {
    const result = await runChild(python, ["-c", FIND_SPEC], { signal });
    return result?.success ? lastLine(result.stdout) : "";
  } catch (error) {
    if (signal.aborted) return "";
    throw error;
  }
}

async function libraryInCache(cache: string): Promise<Library | null> {
  for (const gpu of [true, false]) {
    const found = await cachedLibrary(cache, gpu);
    if (found !== null) return found;
  }
  return null;
}

/** The complete installation of one build in a cache folder, or null. */
export async function cachedLibrary(cache: string, gpu: boolean): Promise<Library | null> {
  const entry = cacheEntry(cache, gpu);
  const described = await readDescription(entry);
  if (described === null) return null;
  return { folder: join(entry, "tensorflow"), version: described.version, gpu, origin: "cache" };
}

/** Loads the library in a child process and asks it; a child that dies is a problem as well. */
async function probeLibrary(folder: string): Promise<ProbeOutput> {
  const path = join(folder, libraryFiles().api);
  const program = new URL("./library_probe.ts", import.meta.url).href;
  // Reading what a pointer points to needs the whole of --allow-ffi, not only the library's path.
  const args = ["run", "--quiet", "--allow-ffi", program, path];
  const result = await runChild(Deno.execPath(), args, { env: { TF_CPP_MIN_LOG_LEVEL: "3" } });
  if (result?.success) return JSON.parse(lastLine(result.stdout));
  return { problem: `loading it ended the process: ${lastLine(result?.stderr ?? "")}` };
}

function isRecent(version: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
