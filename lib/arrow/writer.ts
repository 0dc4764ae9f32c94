/**
 * Writes tables as Arrow IPC files (the *file* format, uncompressed), batch by batch in bounded
 * memory, and digests every column on the way.
 *
 * @module
 */
import * as arrow from "apache-arrow";
import type { Columns, ColumnValues, Rows, TableSchema } from "./schema.ts";
import type { ColumnKind } from "./schema.ts";
import { ColumnDigest } from "./digest.ts";
import { elementCount, type FieldMetadata, toData, toField } from "./types.ts";

/** Settings of {@link TableWriter}. */
export interface WriterOptions<C extends Columns> {
  /** Concrete row shapes of the tensor columns, e.g. `{ image: [16, 16, 3] }`. */
  shapes?: { readonly [N in keyof C]?: readonly number[] };
  /** Metadata that gives a column's values meaning, e.g. class names; it enters the digest. */
  metadata?: { readonly [N in keyof C]?: FieldMetadata };
  /** Where the table comes from, e.g. the stage key; it enters no digest. */
  provenance?: FieldMetadata;
}

/** What a finished file holds. */
export interface TableSummary {
  readonly rowCount: number;
  /** SHA-256 of each column's content, in hexadecimal. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Arrow's writer pushes its bytes here; they go to the file at once, so that none queue up. */
class FileSink extends arrow.AsyncByteQueue {
  readonly #file: Deno.FsFile;

  constructor(file: Deno.FsFile) {
    super();
    this.#file = file;
  }

  override write(chunk: Uint8Array): void {
    for (let sent = 0; sent < chunk.byteLength;) {
      sent += this.#file.writeSync(chunk.subarray(sent));
    }
  }
}

/** Writes one Arrow file. The file is complete only after {@link TableWriter.close}. */
export class TableWriter<C extends Columns> {
  readonly #schema: TableSchema<C>;
  readonly #path: string;
  readonly #shapes: Record<string, readonly number[]>;
  readonly #fields: arrow.Schema;
  readonly #digests: Record<string, ColumnDigest>;
  readonly #file: Deno.FsFile;
  readonly #writer: arrow.RecordBatchFileWriter;
  #rowCount = 0;

  /**
   * Creates the file.
   *
   * @throws {RangeError} if a tensor column is given no shape, or one that the schema excludes.
   */
  constructor(path: string, schema: TableSchema<C>, options: WriterOptions<C> = {}) {
    this.#schema = schema;
    this.#path = path;
    const metadata = (name: string) => options.metadata?.[name] ?? {};
    const entries = Object.entries(schema.columns);
    this.#shapes = Object.fromEntries(
      entries.map(([name]) => [name, concreteShape(schema, name, options.shapes?.[name])]),
    );
    this.#fields = new arrow.Schema(
      entries.map(([name, column]) => toField(name, column, this.#shapes[name], metadata(name))),
      new Map(Object.entries({ table: schema.name, ...options.provenance })),
    );
    this.#digests = Object.fromEntries(
      entries.map(([name, column]) => [
        name,
        new ColumnDigest(column.kind, this.#shapes[name], metadata(name)),
      ]),
    );
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
    this.#writer = new arrow.RecordBatchFileWriter();
    this.#writer.reset(new FileSink(this.#file) as never, this.#fields);
  }

  /**
   * Appends rows as one record batch; 4-16 MiB is a good size for it.
   *
   * @throws {RangeError} if the columns disagree about the number of rows.
   */
  append(rows: Rows<C>): void {
    const entries = Object.entries(this.#schema.columns);
    const counts = entries.map(([name]) => this.#rowsOf(name, rows[name]));
    const rowCount = counts[0] ?? 0;
    const odd = counts.findIndex((count) => count !== rowCount);
    if (odd >= 0) {
      throw new RangeError(
        `Cannot write ${this.#path} as its columns must have equally many rows: ` +
          `"${entries[0][0]}" has ${rowCount} and "${entries[odd][0]}" has ${counts[odd]}`,
      );
    }
    if (rowCount === 0) return;
    const children = entries.map(([name, column], i) => {
      this.#digests[name].update(rows[name]);
      return toData(this.#fields.fields[i], column.kind, rows[name], rowCount);
    });
    const struct = arrow.makeData({
      type: new arrow.Struct(this.#fields.fields),
      length: rowCount,
      nullCount: 0,
      children,
    });
    this.#writer.write(new arrow.RecordBatch(this.#fields, struct));
    this.#rowCount += rowCount;
  }

  #rowsOf(name: string, values: ColumnValues<ColumnKind> | undefined): number {
    if (values === undefined) {
      throw new RangeError(`Cannot write ${this.#path} as the column "${name}" is missing`);
    }
    const isTensor = this.#schema.columns[name].kind.startsWith("tensor");
    const rows = values.length / (isTensor ? elementCount(this.#shapes[name]) : 1);
    if (!Number.isInteger(rows)) {
      throw new RangeError(
        `Cannot write ${this.#path} as "${name}" must hold whole rows of shape ` +
          `[${this.#shapes[name]}]: current value has ${values.length} elements`,
      );
    }
    return rows;
  }

  /** Writes the footer, flushes to the disk and closes the file. */
  close(): TableSummary {
    this.#writer.close();
    this.#file.syncSync();
    this.#file.close();
    return {
      rowCount: this.#rowCount,
      columns: Object.fromEntries(
        Object.entries(this.#digests).map(([name, digest]) => [name, digest.finish()]),
      ),
    };
  }

  /** Closes the file without finishing it. */
  abort(): void {
    this.#file.close();
  }
}

function concreteShape<C extends Columns>(
  schema: TableSchema<C>,
  name: string,
  given: readonly number[] | undefined,
): readonly number[] {
  const { shape = [] } = schema.columns[name];
  const concrete = given ?? shape;
  const fits = concrete.length === shape.length &&
    concrete.every((extent, i) => extent !== null && (shape[i] ?? extent) === extent);
  if (!fits) {
    throw new RangeError(
      `Cannot write ${schema.name} as the shape of "${name}" must fit [${
        shape.map((extent) => extent ?? "any")
      }]: current value is ${given === undefined ? "missing" : `[${given}]`}`,
    );
  }
  return concrete as number[];
}
