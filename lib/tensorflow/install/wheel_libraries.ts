/**
 * Takes the two libraries out of a TensorFlow wheel, verifying each against the wheel's RECORD.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeAll } from "../../base/write_all.ts";
import { type LibraryFiles, libraryFiles } from "./library_files.ts";
import { readZipDirectory, readZipEntry, type ZipEntry } from "./zip.ts";

/** Settings of {@link extractLibraries}. */
export interface ExtractOptions {
  signal?: AbortSignal;
  /** Called with the number of bytes written so far, of both libraries together. */
  onBytes?(bytes: number): void;
  /** The libraries' names. @default {those of this operating system} */
  files?: LibraryFiles;
}

/** What {@link extractLibraries} found beside the libraries. */
export interface Extracted {
  /** Size in bytes of each library, by name. */
  readonly sizes: Readonly<Record<string, number>>;
  /** The wheel's METADATA. */
  readonly metadata: string;
}

/**
 * Writes both libraries of a wheel into `folder` (which must exist) and syncs them to the disk.
 * Memory stays bounded: the larger library has 0.8 to 1.1 GB.
 *
 * @throws {Error} if the wheel is damaged, lacks a library, or a library's SHA-256 is not the one
 * in RECORD.
 */
export async function extractLibraries(
  wheelPath: string,
  folder: string,
  { signal, onBytes = () => {}, files = libraryFiles() }: ExtractOptions = {},
): Promise<Extracted> {
  using file = await Deno.open(wheelPath);
  const entries = await readZipDirectory(file);
  const record = await readText(file, distInfo(entries, "RECORD"));
  const sizes: Record<string, number> = {};
  let before = 0;
  for (const name of [files.framework, files.api]) {
    const entry = requireEntry(entries, `tensorflow/${name}`);
    const contents = await readZipEntry(file, entry);
    const written = await writeHashed(contents, join(folder, name), {
      signal,
      onBytes: (bytes) => onBytes(before + bytes),
    });
    verify(entry.name, written.sha256, record);
    sizes[name] = written.bytes;
    before += written.bytes;
  }
  return { sizes, metadata: await readText(file, distInfo(entries, "METADATA")) };
}

function distInfo(entries: Map<string, ZipEntry>, file: string): ZipEntry {
  const pattern = new RegExp(`^[^/]+\\.dist-info/${file}$`);
  const name = [...entries.keys()].find((name) => pattern.test(name));
  return requireEntry(entries, name ?? `*.dist-info/${file}`);
}

function requireEntry(entries: Map<string, ZipEntry>, name: string): ZipEntry {
  const entry = entries.get(name);
  if (entry !== undefined) return entry;
  throw new Error(
    `Cannot take the library out of the wheel as it must contain ${name}: ` +
      `current value is ${entries.size} entries without it`,
  );
}

async function readText(file: Deno.FsFile, entry: ZipEntry): Promise<string> {
  return await new Response(await readZipEntry(file, entry)).text();
}

async function writeHashed(
  contents: ReadableStream<Uint8Array>,
  path: string,
  { signal, onBytes }: { signal?: AbortSignal; onBytes(bytes: number): void },
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  using output = await Deno.open(path, { write: true, create: true, truncate: true });
  for await (const chunk of contents) {
    signal?.throwIfAborted();
    hash.update(chunk);
    await writeAll(output, chunk);
    onBytes(bytes += chunk.byteLength);
  }
  await output.sync();
  return { bytes, sha256: hash.digest("base64url") };
}

/** RECORD has lines `path,sha256=<base64url without padding>,size` (PyPA's "Recording installed projects"). */
function verify(name: string, sha256: string, record: string): void {
  const line = record.split("\n").find((line) => line.startsWith(`${name},`));
  const expected = line?.split(",")[1]?.replace(/^sha256=/, "");
  if (sha256 === expected) return;
  throw new Error(
    `Cannot accept ${name} as its SHA-256 must be ${expected ?? "given in the wheel's RECORD"}: ` +
      `current value is ${sha256}. The wheel is damaged or was changed.`,
  );
}
