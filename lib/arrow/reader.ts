/**
 * Reads tables from Arrow IPC files: whole columns, batch by batch, or single rows of a tensor
 * column at random, without copies where the layout allows it.
 *
 * @module
 */
import * as arrow from "apache-arrow";
import type {
  Column,
  ColumnKind,
  Columns,
  ColumnValues,
  Rows,
  RowValue,
  TableSchema,
} from "./schema.ts";
import { elementCount, type FieldMetadata, fromField } from "./types.ts";
import { messageOf } from "../base/message_of.ts";
import { FileLayout } from "./layout.ts";

/** A table in a file, opened for reading. */
export class TableFile<C extends Columns = Columns> {
  readonly path: string;
  readonly schema: TableSchema<C>;
  readonly rowCount: number;
  /** Schema-level metadata: what the writer was given as provenance. */
  readonly provenance: FieldMetadata;
  readonly #layout: FileLayout;

  private constructor(path: string, schema: TableSchema<C>, layout: FileLayout) {
    this.path = path;
    this.schema = schema;
    this.rowCount = layout.rowCount;
    this.provenance = Object.fromEntries(layout.schema.metadata);
    this.#layout = layout;
  }

  /**
   * Opens a file; reads only its footer and the batches' headers.
   *
   * @param schema The columns that the caller reads; the file may have more.
   * @throws {Error} if it is no whole Arrow file, or lacks a column or has it in another type.
   */
  static open<C extends Columns>(path: string, schema: TableSchema<C>): TableFile<C> {
    const layout = FileLayout.read(path);
    for (const [name, column] of Object.entries(schema.columns)) {
      checkColumn(path, name, column, layout.schema);
    }
    return new TableFile(path, schema, layout);
  }

  /** The shape of one row of a tensor column. */
  shapeOf(name: keyof C & string): readonly number[] {
    return fromField(this.#layout.field(name))!.shape;
  }

  /** The metadata of a column, such as class names. */
  metadataOf(name: keyof C & string): FieldMetadata {
    return Object.fromEntries(this.#layout.field(name).metadata);
  }

  /** All values of a column; of fixed-width columns, nothing else is read from the file. */
  column<N extends keyof C & string>(name: N): ColumnValues<C[N]["kind"]> {
    const { kind } = this.schema.columns[name];
    if (isVariable(kind)) {
      const parts = Array.from(
        { length: this.#layout.batchCount },
        (_, i) => this.#layout.batch(i, (batch) => valuesOf(batch, name, kind) as string[]),
      );
      return parts.flat() as unknown as ColumnValues<C[N]["kind"]>;
    }
    const rowBytes = valueBytes(kind) * elementCount(this.shapeOf(name));
    const bytes = this.#layout.readColumn(name, rowBytes);
    return view(kind, bytes.buffer) as ColumnValues<C[N]["kind"]>;
  }

  /** The record batches in order; one is in memory at a time. */
  *batches(): Generator<Rows<C>> {
    for (let i = 0; i < this.#layout.batchCount; i++) {
      yield this.#layout.batch(i, (batch) =>
        Object.fromEntries(
          Object.entries(this.schema.columns).map((
            [name, { kind }],
          ) => [name, valuesOf(batch, name, kind)]),
        ) as unknown as Rows<C>);
    }
  }

  /** The rows as plain objects, for small tables; tensors share the memory of their column. */
  rows(): { [N in keyof C]: RowValue<C[N]["kind"]> }[] {
    const readers = Object.keys(this.schema.columns).map((name) =>
      [name, this.#rowReader(name)] as const
    );
    return Array.from(
      { length: this.rowCount },
      (_, row) => Object.fromEntries(readers.map(([name, valueOf]) => [name, valueOf(row)])),
    ) as never;
  }

  #rowReader(name: keyof C & string): (row: number) => unknown {
    const values = this.column(name);
    if (!this.schema.columns[name].kind.startsWith("tensor")) return (row) => values[row];
    const tensors = values as Uint8Array | Float32Array;
    const size = elementCount(this.shapeOf(name));
    return (row) => tensors.subarray(row * size, (row + 1) * size);
  }

  /**
   * Copies single rows of a uint8 tensor column, in any order, at a cost that does not depend on
   * the size of the file.
   *
   * @param rows Row numbers in [0, rowCount).
   * @param out Room for `rows.length` rows, one after the other.
   * @throws {RangeError} if a row does not exist, or the column holds anything but uint8 tensors.
   */
  gather(name: keyof C & string, rows: ArrayLike<number>, out: Uint8Array): void {
    const { kind } = this.schema.columns[name];
    if (kind !== "tensor<uint8>") {
      throw new RangeError(
        `Cannot gather "${name}" of ${this.path} as it must be tensor<uint8>: ` +
          `current value is ${kind}`,
      );
    }
    this.#layout.gather(name, elementCount(this.shapeOf(name)), rows, out);
  }

  /** Closes the file. */
  close(): void {
    this.#layout.close();
  }

  /** Closes the file at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }
}

function checkColumn(path: string, name: string, column: Column, schema: arrow.Schema): void {
  const field = schema.fields.find((candidate) => candidate.name === name);
  const found = field ? typeOf(path, field) : null;
  const shapeFits = found !== null &&
    (column.shape ?? []).every((extent, i) => extent === null || extent === found.shape[i]);
  if (found?.kind === column.kind && shapeFits) return;
  const current = field === undefined
    ? `missing (the file has ${schema.fields.map((each) => each.name).join(", ")})`
    : `${field.type}`;
  throw new Error(
    `Cannot read ${path} as its column "${name}" must be ${column.kind}: current value is ${current}`,
  );
}

function typeOf(path: string, field: arrow.Field) {
  try {
    return fromField(field);
  } catch (cause) {
    const message = `Cannot read ${path} as the type of its column "${field.name}" makes no sense`;
    throw new Error(`${message}: ${messageOf(cause)}`, { cause });
  }
}

function valuesOf(
  batch: arrow.RecordBatch,
  name: string,
  kind: ColumnKind,
): ColumnValues<ColumnKind> {
  const vector = batch.getChild(name)!;
  const [data] = vector.data;
  if (kind === "utf8") return vector.toArray() as unknown as string[];
  if (kind.startsWith("list")) {
    const { valueOffsets, children } = data;
    const flat = children[0].values as Int32Array;
    return Array.from(
      { length: data.length },
      (_, row) => flat.subarray(valueOffsets[row], valueOffsets[row + 1]),
    );
  }
  if (!kind.startsWith("tensor")) return data.values.subarray(0, data.length) as Int32Array;
  const listSize = (data.type as arrow.FixedSizeList).listSize;
  return data.children[0].values.subarray(0, data.length * listSize) as Uint8Array;
}

function isVariable(kind: ColumnKind): boolean {
  return kind === "utf8" || kind.startsWith("list");
}

function valueBytes(kind: ColumnKind): number {
  return kind === "tensor<uint8>" ? 1 : kind === "float64" ? 8 : 4;
}

function view(kind: ColumnKind, buffer: ArrayBuffer) {
  if (kind === "int32") return new Int32Array(buffer);
  if (kind === "float64") return new Float64Array(buffer);
  return kind === "tensor<uint8>" ? new Uint8Array(buffer) : new Float32Array(buffer);
}
