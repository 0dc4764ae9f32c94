/**
 * Random access to the entries of a zip archive on disk (also ZIP64), in bounded memory.
 * Format: PKWARE's APPNOTE 6.3.10.
 *
 * @module
 */

/** One file in an archive. */
export interface ZipEntry {
  readonly name: string;
  /** 0: stored, 8: deflated. */
  readonly method: number;
  /** Size in the archive, in bytes. */
  readonly compressedBytes: number;
  /** Size unpacked, in bytes. */
  readonly bytes: number;
  /** Offset of the local header. */
  readonly offset: number;
}

const END = 0x06054b50, END_64 = 0x06064b50, LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50, LOCAL = 0x04034b50;
const END_BYTES = 22, LOCATOR_BYTES = 20, CENTRAL_BYTES = 46, LOCAL_BYTES = 30;
const MAX_COMMENT_BYTES = 0xffff;
/** A 32-bit field with this value stands in the ZIP64 extra field instead. */
const IN_ZIP64 = 0xffffffff;
const CHUNK_BYTES = 1 << 20;

/**
 * Reads an archive's central directory.
 *
 * @returns the entries by name.
 * @throws {RangeError} if the file is not a whole zip archive.
 */
export async function readZipDirectory(file: Deno.FsFile): Promise<Map<string, ZipEntry>> {
  const { offset, bytes, count } = await findDirectory(file);
  const view = await readView(file, offset, bytes);
  const entries = new Map<string, ZipEntry>();
  for (let at = 0, i = 0; i < count; i++) {
    expectSignature(view, at, CENTRAL, "central directory");
    const entry = parseEntry(view, at);
    entries.set(entry.name, entry);
    at += CENTRAL_BYTES + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) +
      view.getUint16(at + 32, true);
  }
  return entries;
}

/**
 * The unpacked contents of an entry; ends with an error if the data is damaged.
 *
 * @throws {RangeError} if the entry is compressed by another method than deflate.
 */
export async function readZipEntry(
  file: Deno.FsFile,
  entry: ZipEntry,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const header = await readView(file, entry.offset, LOCAL_BYTES);
  expectSignature(header, 0, LOCAL, `header of ${entry.name}`);
  const start = entry.offset + LOCAL_BYTES + header.getUint16(26, true) +
    header.getUint16(28, true);
  const packed = ReadableStream.from(readRange(file, start, entry.compressedBytes));
  if (entry.method === 0) return packed;
  if (entry.method === 8) return packed.pipeThrough(new DecompressionStream("deflate-raw"));
  throw new RangeError(
    `Cannot unpack ${entry.name} as it must be stored or deflated: current value is method ${entry.method}`,
  );
}

async function findDirectory(file: Deno.FsFile) {
  const { size } = await file.stat();
  const tailStart = Math.max(0, size - END_BYTES - MAX_COMMENT_BYTES - LOCATOR_BYTES);
  const tail = await readView(file, tailStart, size - tailStart);
  let at = tail.byteLength - END_BYTES;
  while (at >= 0 && tail.getUint32(at, true) !== END) at--;
  if (at < 0) {
    throw new RangeError(
      `Cannot read the file as a zip archive as it must end with a central directory: ` +
        `current value is ${size} bytes without one (cut short?)`,
    );
  }
  const locator = at - LOCATOR_BYTES;
  if (locator >= 0 && tail.getUint32(locator, true) === LOCATOR_64) {
    return await findDirectory64(file, readUint64(tail, locator + 8));
  }
  return {
    count: tail.getUint16(at + 10, true),
    bytes: tail.getUint32(at + 12, true),
    offset: tail.getUint32(at + 16, true),
  };
}

async function findDirectory64(file: Deno.FsFile, at: number) {
  const view = await readView(file, at, 56);
  expectSignature(view, 0, END_64, "ZIP64 end record");
  return {
    count: readUint64(view, 32),
    bytes: readUint64(view, 40),
    offset: readUint64(view, 48),
  };
}

function parseEntry(view: DataView<ArrayBuffer>, at: number): ZipEntry {
  const nameBytes = view.getUint16(at + 28, true);
  const extraStart = at + CENTRAL_BYTES + nameBytes;
  const sizes = [
    view.getUint32(at + 24, true),
    view.getUint32(at + 20, true),
    view.getUint32(at + 42, true),
  ];
  if (sizes.includes(IN_ZIP64)) {
    let extra = findExtra64(view, extraStart, extraStart + view.getUint16(at + 30, true));
    for (let i = 0; i < sizes.length; i++) {
      if (sizes[i] !== IN_ZIP64) continue;
      sizes[i] = readUint64(view, extra);
      extra += 8;
    }
  }
  const [bytes, compressedBytes, offset] = sizes;
  const name = new TextDecoder().decode(
    new Uint8Array(view.buffer, view.byteOffset + at + CENTRAL_BYTES, nameBytes),
  );
  return { name, method: view.getUint16(at + 10, true), compressedBytes, bytes, offset };
}

/** Where the data of the ZIP64 extra field begins (header id 1). */
function findExtra64(view: DataView, start: number, end: number): number {
  for (let at = start; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) === 1) return at + 4;
  }
  throw new RangeError("Cannot read the zip archive as a large entry must have a ZIP64 field");
}

async function* readRange(file: Deno.FsFile, start: number, bytes: number) {
  for (let done = 0; done < bytes; done += CHUNK_BYTES) {
    const view = await readView(file, start + done, Math.min(CHUNK_BYTES, bytes - done));
    yield new Uint8Array(view.buffer);
  }
}

async function readView(
  file: Deno.FsFile,
  start: number,
  bytes: number,
): Promise<DataView<ArrayBuffer>> {
  const buffer = new Uint8Array(bytes);
  await file.seek(start, Deno.SeekMode.Start);
  for (let filled = 0; filled < bytes;) {
    const count = await file.read(buffer.subarray(filled));
    if (count === null) {
      throw new RangeError(
        `Cannot read the zip archive as bytes ${start} to ${start + bytes} must be there: ` +
          `current value is an end at ${start + filled}`,
      );
    }
    filled += count;
  }
  return new DataView(buffer.buffer);
}

function expectSignature(view: DataView, at: number, signature: number, part: string): void {
  const found = view.getUint32(at, true);
  if (found === signature) return;
  throw new RangeError(
    `Cannot read the zip archive as its ${part} must begin with 0x${signature.toString(16)}: ` +
      `current value is 0x${found.toString(16)}`,
  );
}

function readUint64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}
