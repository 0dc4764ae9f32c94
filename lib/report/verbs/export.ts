/**
 * Writes a figure's data for other programs.
 *
 * @module
 */
import { extname } from "node:path";
import { TableWriter } from "../../arrow/writer.ts";
import { type Columns, defineSchema, float64, int32, type Rows, utf8 } from "../../arrow/schema.ts";
import { PipelineError } from "../../pipeline/base/errors.ts";
import { type DataTable, type DataValue, toCsv } from "../render/data_table.ts";

/** A column of one type. Missing numbers are NaN, missing text is empty, as in the Arrow tables. */
type TypedColumn =
  | { readonly name: string; readonly kind: "int32"; readonly values: Int32Array }
  | { readonly name: string; readonly kind: "float64"; readonly values: Float64Array }
  | { readonly name: string; readonly kind: "utf8"; readonly values: string[] };

/**
 * Writes a table; the ending of the path says in which format.
 *
 * @param name What the table is called inside the file.
 * @throws {PipelineError} if the ending is none of .csv, .parquet and .arrow.
 */
export async function exportTable(path: string, data: DataTable, name: string): Promise<void> {
  switch (extname(path)) {
    case ".csv":
      return Deno.writeTextFileSync(path, toCsv(data));
    case ".arrow":
      return writeArrow(path, typedColumns(data), name);
    case ".parquet":
      return await writeParquet(path, typedColumns(data));
    default:
      throw new PipelineError(
        `Cannot export to ${path} as its name must end in .csv, .parquet or .arrow`,
      );
  }
}

function writeArrow(path: string, columns: readonly TypedColumn[], name: string): void {
  const declare = { int32, float64, utf8 };
  const description = (column: string) => `${column}, as in the data of ${name}`;
  const schema = defineSchema(
    name,
    Object.fromEntries(columns.map(({ name, kind }) => [name, declare[kind](description(name))])),
  );
  const writer = new TableWriter<Columns>(path, schema);
  writer.append(
    Object.fromEntries(columns.map(({ name, values }) => [name, values])) as Rows<Columns>,
  );
  writer.close();
}

async function writeParquet(path: string, columns: readonly TypedColumn[]): Promise<void> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const types = { int32: "INT32", float64: "DOUBLE", utf8: "STRING" } as const;
  const buffer = parquetWriteBuffer({
    columnData: columns.map(({ name, kind, values }) => ({
      name,
      data: values,
      type: types[kind],
      nullable: false,
    })),
  });
  Deno.writeFileSync(path, new Uint8Array(buffer));
}

function typedColumns({ columns, rows }: DataTable): TypedColumn[] {
  return columns.map((name, i) => typedColumn(name, rows.map((row) => row[i])));
}

function typedColumn(name: string, values: readonly DataValue[]): TypedColumn {
  if (values.some((value) => typeof value === "string")) {
    return { name, kind: "utf8", values: values.map((value) => value === null ? "" : `${value}`) };
  }
  const numbers = values.map((value) => value === null ? NaN : value as number);
  const isInt32 = numbers.every((value) => (value | 0) === value);
  return isInt32
    ? { name, kind: "int32", values: Int32Array.from(numbers) }
    : { name, kind: "float64", values: Float64Array.from(numbers) };
}
