/**
 * Where things lie in an Arrow IPC file: its footer, its record batches, and the bytes of a tensor
 * column's rows within them.
 *
 * @module
 */
import * as arrow from "apache-arrow";
import { Message } from "apache-arrow/ipc/metadata/message";
import { messageOf } from "../base/message_of.ts";
import { type BlockPlace, decodeBatchHeader, decodeFooter, type FileFooter } from "./metadata.ts";

const MAGIC = "ARROW1";
/** The magic with its padding, before the schema message. */
const HEADER_BYTES = 8;
/** The footer's length and the magic, at the end. */
const TRAILER_BYTES = 10;
/** The continuation marker and the length, before a message's flatbuffer. */
const PREFIX_BYTES = 8;

interface Block extends BlockPlace {
  /** Number of the block's first row. */
  readonly firstRow: number;
  readonly rowCount: number;
  /** Where each buffer begins in the file, and its bytes. */
  readonly buffers: readonly { readonly position: number; readonly bytes: number }[];
}

/** The layout of one open file. */
export class FileLayout {
  readonly schema: arrow.Schema;
  readonly rowCount: number;
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #blocks: readonly Block[];
  /** The schema message, which makes a stream of any one batch. */
  readonly #schemaMessage: Uint8Array;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
    const footer = this.#readFooter();
    this.schema = footer.schema;
    this.#blocks = this.#readBlocks(footer);
    this.rowCount = this.#blocks.reduce((sum, block) => sum + block.rowCount, 0);
    this.#schemaMessage = encodeSchema(footer.schema);
  }

  /** @throws {Error} if the file is not there or is no whole Arrow file. */
  static read(path: string): FileLayout {
    const file = Deno.openSync(path);
    try {
      return new FileLayout(path, file);
    } catch (cause) {
      file.close();
      throw cause;
    }
  }

  get batchCount(): number {
    return this.#blocks.length;
  }

  /** @throws {Error} if there is no field of this name. */
  field(name: string): arrow.Field {
    const field = this.schema.fields.find((candidate) => candidate.name === name);
    if (!field) throw new Error(`Cannot read ${this.#path} as it has no column "${name}"`);
    return field;
  }

  /** What `take` makes of a record batch. */
  batch<T>(i: number, take: (batch: arrow.RecordBatch) => T): T {
    const { offset, metadataBytes, bodyBytes } = this.#blocks[i];
    const schemaBytes = this.#schemaMessage.byteLength;
    const stream = new Uint8Array(schemaBytes + metadataBytes + bodyBytes);
    stream.set(this.#schemaMessage);
    this.#readInto(offset, stream.subarray(schemaBytes));
    return this.#within("a batch", () => {
      const { value } = arrow.RecordBatchReader.from(stream).open().next();
      if (!value) throw new RangeError("it is none");
      return take(value);
    });
  }

  /** Copies rows of a fixed-size column, each of `rowBytes` bytes, into `out`. */
  gather(name: string, rowBytes: number, rows: ArrayLike<number>, out: Uint8Array): void {
    const buffer = valuesBuffer(this.schema, name);
    for (let i = 0; i < rows.length; i++) {
      const block = this.#blockOf(rows[i]);
      const start = this.#valuesOf(block, buffer, rowBytes);
      const position = start + (rows[i] - block.firstRow) * rowBytes;
      this.#readInto(position, out.subarray(i * rowBytes, (i + 1) * rowBytes));
    }
  }

  /** Reads all rows of a fixed-size column, each of `rowBytes` bytes. */
  readColumn(name: string, rowBytes: number): Uint8Array<ArrayBuffer> {
    const buffer = valuesBuffer(this.schema, name);
    const starts = this.#blocks.map((block) => this.#valuesOf(block, buffer, rowBytes));
    const out = new Uint8Array(this.rowCount * rowBytes);
    this.#blocks.forEach(({ firstRow, rowCount }, i) => {
      const start = firstRow * rowBytes;
      this.#readInto(starts[i], out.subarray(start, start + rowCount * rowBytes));
    });
    return out;
  }

  /** Where a block's values of a fixed-size column begin. */
  #valuesOf({ buffers, rowCount }: Block, buffer: number, rowBytes: number): number {
    const values = buffers.at(buffer);
    if (values !== undefined && values.bytes >= rowCount * rowBytes) return values.position;
    throw this.#broken(`a batch of ${rowCount} rows holds ${values?.bytes ?? 0} bytes of a column`);
  }

  close(): void {
    this.#file.close();
  }

  #blockOf(row: number): Block {
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#blocks[middle].firstRow <= row) low = middle;
      else high = middle - 1;
    }
    const block = this.#blocks[low];
    if (!(row >= 0 && block && row < block.firstRow + block.rowCount)) {
      throw new RangeError(
        `Cannot read ${this.#path} as a row must be in [0, ${this.rowCount}): current value is ${row}`,
      );
    }
    return block;
  }

  #readFooter(): FileFooter {
    const { size } = this.#file.statSync();
    if (size < HEADER_BYTES + TRAILER_BYTES) throw this.#broken(`it has only ${size} bytes`);
    const trailer = this.#read(size - TRAILER_BYTES, TRAILER_BYTES);
    if (new TextDecoder().decode(trailer.subarray(4)) !== MAGIC) {
      throw this.#broken(`it does not end with ${MAGIC}`);
    }
    const length = new DataView(trailer.buffer).getInt32(0, true);
    if (length <= 0 || length > size - HEADER_BYTES - TRAILER_BYTES) {
      throw this.#broken(`its footer claims ${length} bytes`);
    }
    const bytes = this.#read(size - TRAILER_BYTES - length, length);
    return this.#within("its footer", () => decodeFooter(bytes));
  }

  #readBlocks({ blocks }: FileFooter): Block[] {
    const { size } = this.#file.statSync();
    let firstRow = 0;
    return blocks.map((place) => {
      const { offset, metadataBytes, bodyBytes } = place;
      const body = offset + metadataBytes;
      if (metadataBytes < PREFIX_BYTES || body + bodyBytes > size) {
        throw this.#broken(`a batch claims bytes ${offset} to ${body + bodyBytes} of ${size}`);
      }
      const bytes = this.#read(offset, metadataBytes);
      const prefix = new DataView(bytes.buffer);
      if (
        prefix.getInt32(0, true) !== -1 || prefix.getInt32(4, true) !== metadataBytes - PREFIX_BYTES
      ) {
        throw this.#broken("a batch does not begin as one");
      }
      const header = this.#within(
        "a batch",
        () => decodeBatchHeader(bytes.subarray(PREFIX_BYTES)),
      );
      if (header.rowCount > bodyBytes) {
        throw this.#broken(`a batch of ${bodyBytes} bytes claims ${header.rowCount} rows`);
      }
      if (header.buffers.some((region) => region.offset + region.bytes > bodyBytes)) {
        throw this.#broken("a batch has a column outside its body");
      }
      const block = {
        ...place,
        firstRow,
        rowCount: header.rowCount,
        buffers: header.buffers.map((region) => ({
          position: body + region.offset,
          bytes: region.bytes,
        })),
      };
      firstRow += header.rowCount;
      return block;
    });
  }

  /** What `decode` returns; what it cannot make sense of is an error that names the file. */
  #within<T>(what: string, decode: () => T): T {
    try {
      return decode();
    } catch (cause) {
      throw this.#broken(`${what} makes no sense: ${messageOf(cause)}`, cause);
    }
  }

  #read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    this.#readInto(offset, bytes);
    return bytes;
  }

  #readInto(offset: number, bytes: Uint8Array): void {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    for (let filled = 0; filled < bytes.byteLength;) {
      const count = this.#file.readSync(bytes.subarray(filled));
      if (count === null) throw this.#broken(`it ends before byte ${offset + bytes.byteLength}`);
      filled += count;
    }
  }

  #broken(reason: string, cause?: unknown): Error {
    const message = `Cannot read ${this.#path} as it is no whole Arrow file: ${reason}`;
    return new Error(message, { cause });
  }
}

/** The schema as a message of the stream format; not every file has it before its batches. */
function encodeSchema(schema: arrow.Schema): Uint8Array {
  const flatbuffer = Message.encode(Message.from(schema));
  const padded = Math.ceil(flatbuffer.byteLength / 8) * 8;
  const message = new Uint8Array(PREFIX_BYTES + padded);
  const prefix = new DataView(message.buffer);
  prefix.setInt32(0, -1, true);
  prefix.setInt32(4, padded, true);
  message.set(flatbuffer, PREFIX_BYTES);
  return message;
}

/** The number of a fixed-size column's values buffer, in the order in which buffers are written. */
function valuesBuffer(schema: arrow.Schema, name: string): number {
  let count = 0;
  for (const field of schema.fields) {
    // A list's values belong to its child, which has a validity buffer of its own.
    if (field.name === name) return count + (arrow.DataType.isFixedSizeList(field.type) ? 2 : 1);
    count += buffersOf(field.type);
  }
  throw new RangeError(`Cannot gather as there is no column "${name}"`);
}

/** How many buffers a column has: validity, offsets where lengths vary, and values or a child's. */
function buffersOf(type: arrow.DataType): number {
  if (arrow.DataType.isFixedSizeList(type)) return 1 + buffersOf(type.children[0].type);
  if (arrow.DataType.isList(type)) return 2 + buffersOf(type.children[0].type);
  return arrow.DataType.isUtf8(type) ? 3 : 2;
}
