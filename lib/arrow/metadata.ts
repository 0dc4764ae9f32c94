/**
 * Reads the metadata of an Arrow IPC file within bounds. The library's own decoder takes every
 * length and offset as it stands: a single wrong byte makes it read, or count, for minutes.
 *
 * @module
 */
import { DataType, type Field, MessageHeader, type Schema as ArrowSchema } from "apache-arrow";
import { Footer } from "apache-arrow/fb/footer";
import { Message } from "apache-arrow/fb/message";
import { RecordBatch } from "apache-arrow/fb/record-batch";
// Patches `Schema` with its decoder.
import "apache-arrow/ipc/metadata/message";
import { Schema } from "apache-arrow/schema";
import { ByteBuffer } from "flatbuffers";

/** Where a record batch lies in its file. */
export interface BlockPlace {
  readonly offset: number;
  readonly metadataBytes: number;
  readonly bodyBytes: number;
}

/** A file's footer. */
export interface FileFooter {
  readonly schema: ArrowSchema;
  readonly blocks: readonly BlockPlace[];
}

/** A stretch of a record batch's body. */
export interface BufferPlace {
  readonly offset: number;
  readonly bytes: number;
}

/** The header of a record batch. */
export interface BatchHeader {
  readonly rowCount: number;
  readonly buffers: readonly BufferPlace[];
}

/** Decodes a footer. @throws {RangeError} if it refers to what is not in `bytes`, or to too much. */
export function decodeFooter(bytes: Uint8Array): FileFooter {
  const footer = Footer.getRootAsFooter(new BoundedBuffer(bytes));
  const schema = footer.schema();
  if (schema === null) throw new RangeError("it has no schema");
  const blocks = Array.from(counted(footer.recordBatchesLength(), bytes), (i) => {
    const block = footer.recordBatches(i)!;
    return {
      offset: natural(block.offset()),
      metadataBytes: natural(BigInt(block.metaDataLength())),
      bodyBytes: natural(block.bodyLength()),
    };
  });
  const decoded = Schema.decode(schema, new Map(), footer.version());
  decoded.fields.forEach(checkLists);
  return { schema: decoded, blocks };
}

function checkLists({ type }: Field): void {
  if (!DataType.isList(type) && !DataType.isFixedSizeList(type)) return;
  if (type.children?.length !== 1) throw new RangeError("a list does not say what it holds");
  checkLists(type.children[0]);
}

/** Decodes the header of a record batch. @throws {RangeError} as {@link decodeFooter} does. */
export function decodeBatchHeader(bytes: Uint8Array): BatchHeader {
  const message = Message.getRootAsMessage(new BoundedBuffer(bytes));
  if (message.headerType() !== MessageHeader.RecordBatch) {
    throw new RangeError("a block is no record batch");
  }
  const batch: RecordBatch = message.header(new RecordBatch());
  if (batch.compression() !== null) throw new RangeError("a record batch is compressed");
  // Read for the check alone: whoever reads the batch relies on these counts.
  for (const i of counted(message.customMetadataLength(), bytes)) message.customMetadata(i)!.key();
  for (const i of counted(batch.nodesLength(), bytes)) batch.nodes(i)!.length();
  const buffers = Array.from(counted(batch.buffersLength(), bytes), (i) => {
    const region = batch.buffers(i)!;
    return { offset: natural(region.offset()), bytes: natural(region.length()) };
  });
  return { rowCount: natural(batch.length()), buffers };
}

/** The numbers up to a count of things of which each takes at least four bytes. */
function* counted(count: number, { byteLength }: Uint8Array): Generator<number> {
  if (!(count >= 0 && count <= byteLength / 4)) throw new RangeError(`it claims ${count} entries`);
  for (let i = 0; i < count; i++) yield i;
}

function natural(value: bigint): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`it claims a size or place of ${value}`);
  }
  return Number(value);
}

/** Reads nothing beyond its bytes, and not more often than a sane structure of its size needs. */
class BoundedBuffer extends ByteBuffer {
  #left: number;

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.#left = 1000 + 64 * bytes.byteLength;
  }

  override readUint8(offset: number): number {
    this.#check(offset, 1);
    return super.readUint8(offset);
  }

  override readUint16(offset: number): number {
    this.#check(offset, 2);
    return super.readUint16(offset);
  }

  override readInt32(offset: number): number {
    this.#check(offset, 4);
    return super.readInt32(offset);
  }

  #check(offset: number, bytes: number): void {
    if (!(offset >= 0 && offset + bytes <= this.capacity())) {
      throw new RangeError(`it refers to byte ${offset} of ${this.capacity()}`);
    }
    if (--this.#left < 0) throw new RangeError("it refers to itself");
  }
}
