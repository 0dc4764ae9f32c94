/**
 * Checks of the rows that a stage writes, as nothing checks the types of a stage that runs.
 *
 * @module
 */
import type { ColumnKind, TableSchema } from "../../arrow/schema.ts";

/** What holds a column's values; of lists, those of one row. */
const HOLDERS = {
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
  utf8: Array,
  "tensor<uint8>": Uint8Array,
  "tensor<float32>": Float32Array,
  "list<int32>": Array,
  "list<float32>": Array,
} as const satisfies Record<ColumnKind, unknown>;

/** @throws {TypeError} if rows have other columns than the schema, or values of other types. */
export function checkRows(output: string, schema: TableSchema, rows: object): void {
  const declared = Object.keys(schema.columns);
  for (const [column, values] of Object.entries(rows)) {
    if (!declared.includes(column)) {
      throw new TypeError(
        `Cannot write output "${output}" as it has no column "${column}": declare it in the schema` +
          ` "${schema.name}", which has ${declared.join(", ")}`,
      );
    }
    const { kind } = schema.columns[column];
    if (!(values instanceof HOLDERS[kind])) {
      throw new TypeError(
        `Cannot write output "${output}" as its column "${column}" must be ${kind} in a ` +
          `${HOLDERS[kind].name}: current value is ${describe(values)}`,
      );
    }
  }
}

function describe(values: unknown): string {
  const name = (values as object | null | undefined)?.constructor?.name;
  return name === undefined ? String(values) : `of type ${name}`;
}
