/**
 * Installs a TensorFlow library into the per-user cache: pip fetches the wheel, two files are
 * taken out of it, and the whole appears at once or not at all.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CUDA_BYTES } from "./cuda.ts";
import { withLock } from "./folders.ts";
import { cachedLibrary, type Library } from "./library.ts";
import { cacheEntry, userCacheFolder } from "./library_files.ts";
import { missingPip, PIP_REMEDY } from "./pip.ts";
import { stageLibrary, type StagingOptions } from "./staging.ts";
import { type Wheel, wheelFor } from "./wheels.ts";

/** Settings of {@link installLibrary}. */
export interface InstallOptions {
  /** Whether to install the build for NVIDIA GPUs, with CUDA's libraries. @default {false} */
  gpu?: boolean;
  /** Receives lines for the user. */
  log?(line: string): void;
  /** Receives how much is done, from 0 to 1, and what is being done. */
  progress?(fraction: number, text: string): void;
  signal?: AbortSignal;
  /** The folder to install into. @default {the per-user cache} */
  cache?: string;
  /** The Python interpreter whose pip is used. @default {"python3"} */
  python?: string;
  /** The wheel to install. @default {the one for this machine} */
  wheel?: Wheel | null;
  /** Measures the free space of a folder's file system, in bytes. */
  freeBytes?(folder: string): Promise<number>;
}

type Settings = StagingOptions & Required<Pick<InstallOptions, "log" | "cache" | "freeBytes">>;

/**
 * Installs the TensorFlow library, or returns the one that another process has installed in the
 * meantime. Needs `python3` with pip, and nothing of Python besides.
 *
 * @throws {Error} if there is no build for this machine, no pip, too little room on the disk, or
 * if the download fails or is damaged; nothing is left behind then, nor after a kill (the next
 * installation removes the leftovers).
 */
export async function installLibrary(options: InstallOptions = {}): Promise<Library> {
  const { cache = userCacheFolder(), gpu = false } = options;
  const found = await cachedLibrary(cache, gpu);
  if (found !== null) return found;
  const settings = await checkedSettings(options);
  await Deno.mkdir(settings.cache, { recursive: true });
  const lock = { path: join(settings.cache, "install.lock"), signal: settings.signal };
  return await withLock({
    ...lock,
    onWait: () => settings.log("Another process is installing the TensorFlow library; waiting."),
  }, () => installLocked(settings));
}

async function checkedSettings(options: InstallOptions): Promise<Settings> {
  const {
    gpu = false,
    log = () => {},
    progress = () => {},
    signal,
    cache = userCacheFolder(),
    python = "python3",
    wheel = wheelFor(gpu),
    freeBytes = freeBytesOf,
  } = options;
  if (wheel === null) {
    throw new Error(
      "Cannot install the TensorFlow library as the machine must be Linux x86-64 (CPU or NVIDIA " +
        "GPU), Linux aarch64 (CPU) or macOS arm64 (CPU): current value is " +
        `${Deno.build.os} ${Deno.build.arch}${gpu ? " with a GPU" : ""}`,
    );
  }
  const missing = await missingPip(python);
  if (missing !== null) {
    throw new Error(
      "Cannot install the TensorFlow library as python3 with pip must be there to fetch it: " +
        `current value is ${missing}. ${PIP_REMEDY}, or set TENSORFLOW_LIBRARY.`,
    );
  }
  return { gpu, log, progress, signal, cache, python, wheel, freeBytes };
}

async function installLocked(settings: Settings): Promise<Library> {
  const { cache, gpu, log, wheel } = settings;
  const found = await cachedLibrary(cache, gpu);
  if (found !== null) return found;
  await removeLeftovers(cache);
  await requireSpace(settings);
  log(`Installing the TensorFlow ${wheel.version} library (${gpu ? "GPU" : "CPU"}) into ${cache}`);
  // A new name each time: pip may outlive a killed installer and go on writing for a while.
  const staging = await Deno.makeTempDir({ dir: cache, suffix: ".part" });
  try {
    await stageLibrary(staging, settings);
    await publish(staging, cacheEntry(cache, gpu));
  } catch (error) {
    await Deno.remove(staging, { recursive: true }).catch(() => {});
    throw error;
  }
  const installed = await cachedLibrary(cache, gpu);
  if (installed === null) {
    throw new Error(
      `Cannot use the TensorFlow library just installed as it vanished from ${cache}`,
    );
  }
  return installed;
}

/** Whatever ends in `.part` belongs to an installation that died: the lock is ours. */
async function removeLeftovers(cache: string): Promise<void> {
  for await (const { name } of Deno.readDir(cache)) {
    if (name.endsWith(".part")) await Deno.remove(join(cache, name), { recursive: true });
  }
}

/** pip holds the wheel twice for a moment (as a temporary file and as the result). */
async function requireSpace({ cache, wheel, gpu, freeBytes }: Settings): Promise<void> {
  const needed = Math.max(2 * wheel.bytes, wheel.bytes + wheel.libraryBytes) +
    (gpu ? CUDA_BYTES : 0);
  const free = await freeBytes(cache);
  if (free >= needed) return;
  throw new Error(
    `Cannot install the TensorFlow library as ${cache} must have ${gigabytes(needed)} free: ` +
      `current value is ${gigabytes(free)}. Make room, or set XDG_CACHE_HOME to another disk.`,
  );
}

/** Puts the staged folder in its place; what stands there is incomplete, or we would not be here. */
async function publish(staging: string, entry: string): Promise<void> {
  await Deno.remove(entry, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.rename(staging, entry);
  using parent = await Deno.open(dirname(entry));
  await parent.sync();
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
