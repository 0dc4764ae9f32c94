/**
 * Random access to the files of a zip archive.
 *
 * @module
 */
import { buffer } from "node:stream/consumers";
import { crc32 } from "node:zlib";
// @ts-types="@types/yauzl"
import * as yauzl from "yauzl";
import { messageOf } from "../../base/message_of.ts";
import { ArchiveError, safeEntryName, toArchiveError } from "./archive_error.ts";

/** Type bits and symbolic link of a Unix mode; zip keeps the mode in the upper half. */
const MODE_TYPE = 0o170000;
const MODE_LINK = 0o120000;

/** The directory of a zip archive; the archive itself is opened only while files are read. */
export class ZipArchive {
  private constructor(
    readonly path: string,
    private readonly entries: ReadonlyMap<string, yauzl.Entry>,
  ) {}

  /**
   * Reads an archive's directory, once (110,000 entries take some seconds).
   *
   * @throws {ArchiveError} if the archive is damaged or truncated, or holds links, escaping or
   *   duplicate names
   */
  static async open(path: string): Promise<ZipArchive> {
    const entries = new Map<string, yauzl.Entry>();
    await withZip(path, async (zip) => {
      for await (const entry of everyEntry(path, zip)) {
        const name = safeEntryName(path, entry.fileName);
        requireNoLink(path, name, entry);
        if (entries.has(name)) {
          throw new ArchiveError(path, `its entries must be unique: ${name} occurs twice`);
        }
        entries.set(name, entry);
      }
    });
    return new ZipArchive(path, entries);
  }

  /** Names of all entries in the archive's order; those of directories end in a slash. */
  get names(): Iterable<string> {
    return this.entries.keys();
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /**
   * Reads files one after the other.
   *
   * @param names the files, in the order in which they are yielded
   * @param maximumFileBytes upper limit for one unpacked file
   * @throws {ArchiveError} if a file is missing, too large or damaged
   */
  async *read(
    names: Iterable<string>,
    maximumFileBytes: number,
  ): AsyncGenerator<{ name: string; bytes: Uint8Array }> {
    const zip = await yauzl.openPromise(this.path, { autoClose: false });
    try {
      for (const name of names) {
        const entry = this.requireEntry(name, maximumFileBytes);
        yield { name, bytes: await this.unpack(zip, entry) };
      }
    } finally {
      zip.close();
    }
  }

  /** Reads one file. */
  async readOne(name: string, maximumFileBytes: number): Promise<Uint8Array> {
    for await (const { bytes } of this.read([name], maximumFileBytes)) return bytes;
    throw new ArchiveError(this.path, `it must contain ${name}: no such entry`);
  }

  private requireEntry(name: string, maximumFileBytes: number): yauzl.Entry {
    const entry = this.entries.get(name);
    if (entry === undefined) {
      throw new ArchiveError(this.path, `it must contain ${name}: no such entry`);
    }
    if (entry.uncompressedSize > maximumFileBytes) {
      throw new ArchiveError(
        this.path,
        `${name} must have at most ${maximumFileBytes} bytes: ` +
          `current size is ${entry.uncompressedSize}`,
      );
    }
    return entry;
  }

  /** The stream fails as soon as it exceeds the entry's stated size, which is within the limit. */
  private async unpack(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Uint8Array> {
    try {
      const bytes = await buffer(await zip.openReadStreamPromise(entry));
      if (crc32(bytes) !== entry.crc32) throw new Error("the checksum differs");
      return bytes;
    } catch (error) {
      throw new ArchiveError(this.path, `${entry.fileName} is damaged (${messageOf(error)})`, {
        cause: error,
      });
    }
  }
}

async function withZip(path: string, use: (zip: yauzl.ZipFile) => Promise<void>): Promise<void> {
  try {
    const zip = await yauzl.openPromise(path, { autoClose: false, lazyEntries: true });
    try {
      await use(zip);
    } finally {
      zip.close();
    }
  } catch (error) {
    throw toArchiveError(path, error);
  }
}

/**
 * All entries of the directory, however many the archive's end record counts: it has 16 bits for
 * them, and old archivers let a larger number wrap round (TinyImageNet has 120,000 entries).
 */
async function* everyEntry(path: string, zip: yauzl.ZipFile): AsyncGenerator<yauzl.Entry> {
  using file = await Deno.open(path);
  for await (const entry of zip.eachEntry()) {
    yield entry;
    if (zip.entriesRead !== zip.entryCount) continue;
    if (isDirectoryHeader(file, Number(zip.readEntryCursor))) zip.entryCount++;
  }
}

/** Whether an entry of the directory begins at this offset. */
function isDirectoryHeader(file: Deno.FsFile, offset: number): boolean {
  const signature = new Uint8Array(4);
  file.seekSync(offset, Deno.SeekMode.Start);
  return file.readSync(signature) === 4 && String(signature) === "80,75,1,2";
}

function requireNoLink(path: string, name: string, entry: yauzl.Entry): void {
  if (((entry.externalFileAttributes >>> 16) & MODE_TYPE) !== MODE_LINK) return;
  throw new ArchiveError(path, `it must hold nothing but files and directories: ${name} is a link`);
}
