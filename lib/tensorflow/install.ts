/**
 * Installs a TensorFlow library into the per-user cache: pip fetches the wheel, two files are
 * taken out of it, and the whole appears at once or not at all.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CUDA_BYTES, installCuda } from "./cuda.ts";
import { folderBytes, withLock } from "./folders.ts";
import { cachedLibrary, type Library } from "./library.ts";
import {
  cacheEntry,
  DESCRIPTION_FILE,
  type LibraryDescription,
  userCacheFolder,
} from "./library_files.ts";
import { downloadWheel, missingPip, PIP_REMEDY, type PipOptions } from "./pip.ts";
import { type Extracted, extractLibraries, fileSha256 } from "./wheel_libraries.ts";
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

type Settings = Required<Omit<InstallOptions, "wheel" | "signal">> & {
  wheel: Wheel;
  signal?: AbortSignal;
};

/** Shares of the whole time, for the progress: measured with a fast mirror, the rest is network. */
const SHARES = { cpu: { download: 0.6, extract: 1 }, gpu: { download: 0.2, extract: 0.35 } };

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
    await stage(staging, settings);
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

/** Fills the staging folder; the description comes last. */
async function stage(staging: string, settings: Settings): Promise<void> {
  const { gpu, wheel } = settings;
  const temporary = join(staging, "temporary");
  const libraries = join(staging, "tensorflow");
  for (const folder of [temporary, libraries]) await Deno.mkdir(folder, { recursive: true });
  const pip = { python: settings.python, temporary, signal: settings.signal };
  const wheelPath = await download(temporary, pip, settings);
  const extracted = await extract(wheelPath, libraries, settings);
  await Deno.remove(wheelPath);
  if (gpu) await addCuda(staging, extracted, pip, settings);
  await Deno.remove(temporary, { recursive: true });
  await writeDescription(staging, { version: wheel.version, gpu, files: extracted.sizes });
}

async function download(folder: string, pip: PipOptions, settings: Settings): Promise<string> {
  const { wheel, gpu, progress, signal } = settings;
  const share = SHARES[gpu ? "gpu" : "cpu"].download;
  await whileWatching(folder, (bytes) => {
    const done = Math.min(bytes, wheel.bytes);
    progress(
      share * done / wheel.bytes,
      `downloading ${megabytes(done)} of ${megabytes(wheel.bytes)}`,
    );
  }, () => downloadWheel(wheel, folder, pip));
  const path = await findWheel(folder, wheel);
  const sha256 = await fileSha256(path, signal);
  if (sha256 !== wheel.sha256) {
    throw new Error(
      `Cannot accept the wheel of ${wheel.distribution} ${wheel.version} as its SHA-256 must be ` +
        `${wheel.sha256}: current value is ${sha256}. The download is damaged, or pip's index ` +
        "serves another file.",
    );
  }
  return path;
}

async function findWheel(folder: string, wheel: Wheel): Promise<string> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".whl")) return join(folder, name);
  }
  throw new Error(
    `Cannot install ${wheel.distribution} ${wheel.version} as pip must leave its wheel in the ` +
      "folder that it was given: current value is no wheel",
  );
}

async function extract(
  wheelPath: string,
  folder: string,
  { wheel, gpu, progress, signal }: Settings,
): Promise<Extracted> {
  const { download, extract } = SHARES[gpu ? "gpu" : "cpu"];
  const onBytes = (bytes: number) =>
    progress(
      download + (extract - download) * Math.min(1, bytes / wheel.libraryBytes),
      `unpacking ${megabytes(bytes)} of ${megabytes(wheel.libraryBytes)}`,
    );
  return await extractLibraries(wheelPath, folder, { signal, onBytes: seldom(onBytes) });
}

async function addCuda(
  staging: string,
  { metadata }: Extracted,
  pip: PipOptions,
  { progress }: Settings,
): Promise<void> {
  const share = SHARES.gpu.extract;
  await whileWatching(staging, (bytes) => {
    const done = Math.min(bytes, CUDA_BYTES);
    progress(
      share + (1 - share) * done / CUDA_BYTES,
      `installing CUDA, ${megabytes(bytes)} so far`,
    );
  }, () => installCuda(staging, metadata, pip));
}

async function writeDescription(folder: string, description: LibraryDescription): Promise<void> {
  using file = await Deno.open(join(folder, DESCRIPTION_FILE), { write: true, create: true });
  const bytes = new TextEncoder().encode(`${JSON.stringify(description, null, 2)}\n`);
  for (let done = 0; done < bytes.byteLength;) done += await file.write(bytes.subarray(done));
  await file.sync();
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

/** Reports by how much a folder has grown at most, twice a second while `work` goes on. */
async function whileWatching<T>(
  folder: string,
  report: (bytes: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  const before = await folderBytes(folder);
  let busy = false, most = 0;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    // pip removes its temporary files in between.
    most = Math.max(most, await folderBytes(folder) - before);
    report(most);
    busy = false;
  }, 500);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Passes on about every fiftieth MiB: chunks are small, and a progress line is not free. */
function seldom(report: (bytes: number) => void): (bytes: number) => void {
  let next = 0;
  return (bytes) => {
    if (bytes < next) return;
    next = bytes + (1 << 24);
    report(bytes);
  };
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
