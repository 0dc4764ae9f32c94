/**
 * The steps of an installation inside its staging folder: download, verify, unpack, describe.
 *
 * @module
 */
import { join } from "node:path";
import { digestFile } from "../../base/digest_file.ts";
import { writeAll } from "../../base/write_all.ts";
import { CUDA_BYTES, CUDA_PACKAGES, installCuda } from "./cuda.ts";
import { folderBytes } from "./folders.ts";
import { DESCRIPTION_FILE, type LibraryDescription } from "./library_files.ts";
import { downloadWheel, type PipOptions } from "./pip.ts";
import { extractLibraries } from "./wheel_libraries.ts";
import type { Wheel } from "./wheels.ts";

/** Settings of {@link stageLibrary}. */
export interface StagingOptions {
  wheel: Wheel;
  /** Whether to add CUDA's libraries. */
  gpu: boolean;
  /** The Python interpreter whose pip is used. */
  python: string;
  /** Receives how much is done, from 0 to 1, and what is being done. */
  progress(fraction: number, text: string): void;
  signal?: AbortSignal;
}

/** Where each phase ends in the progress bar: a guess, as the network's speed is not known. */
const SHARES = { cpu: { download: 0.6, extract: 1 }, gpu: { download: 0.2, extract: 0.35 } };

/**
 * Fills an existing folder with an installation: `tensorflow/` with the two libraries, `nvidia/`
 * with CUDA's where wanted, and the description, which comes last.
 *
 * @throws {Error} if pip fails, or a file is not the one expected.
 */
export async function stageLibrary(staging: string, settings: StagingOptions): Promise<void> {
  const { gpu, wheel } = settings;
  const temporary = join(staging, "temporary");
  const libraries = join(staging, "tensorflow");
  for (const folder of [temporary, libraries]) await Deno.mkdir(folder, { recursive: true });
  const pip = { python: settings.python, temporary, signal: settings.signal };
  const wheelPath = await download(temporary, pip, settings);
  const files = await extract(wheelPath, libraries, settings);
  await Deno.remove(wheelPath);
  if (gpu) await addCuda(staging, pip, settings);
  await Deno.remove(temporary, { recursive: true });
  const packages = gpu ? { packages: CUDA_PACKAGES } : {};
  await writeDescription(staging, { version: wheel.version, gpu, files, ...packages });
}

async function download(
  folder: string,
  pip: PipOptions,
  settings: StagingOptions,
): Promise<string> {
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
  const sha256 = await digestFile(path, signal);
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
  { wheel, gpu, progress, signal }: StagingOptions,
): Promise<Record<string, number>> {
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
  pip: PipOptions,
  { progress }: StagingOptions,
): Promise<void> {
  const share = SHARES.gpu.extract;
  await whileWatching(staging, (bytes) => {
    const done = Math.min(bytes, CUDA_BYTES);
    progress(
      share + (1 - share) * done / CUDA_BYTES,
      `installing CUDA, ${megabytes(bytes)} so far`,
    );
  }, () => installCuda(staging, pip));
}

async function writeDescription(folder: string, description: LibraryDescription): Promise<void> {
  using file = await Deno.open(join(folder, DESCRIPTION_FILE), { write: true, create: true });
  const bytes = new TextEncoder().encode(`${JSON.stringify(description, null, 2)}\n`);
  await writeAll(file, bytes);
  await file.sync();
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

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
