/**
 * Descriptions of tables: which columns a file has, of which type, and what they mean. Nothing here
 * loads Arrow, so that schemas can be declared by stages and read by the planner at no cost.
 *
 * @module
 */

/** The types a column can have. A tensor column holds one array of a fixed shape in each row. */
export type ColumnKind =
  | "int32"
  | "float32"
  | "float64"
  | "utf8"
  | "tensor<uint8>"
  | "tensor<float32>"
  | "list<int32>"
  | "list<float32>";

/** One column of a table. */
export interface Column<K extends ColumnKind = ColumnKind> {
  readonly kind: K;
  /** What the column holds, in a sentence. */
  readonly description: string;
  /** Of a tensor, the shape of one row; `null` where a file may choose the extent. */
  readonly shape?: readonly (number | null)[];
}

/** Columns by name. */
export type Columns = Readonly<Record<string, Column>>;

/** What a column's values are in memory, for R rows. Tensors are flat, in row-major order. */
export type ColumnValues<K extends ColumnKind> = K extends "int32" ? Int32Array
  : K extends "float32" ? Float32Array
  : K extends "float64" ? Float64Array
  : K extends "utf8" ? string[]
  : K extends "tensor<uint8>" ? Uint8Array
  : K extends "tensor<float32>" ? Float32Array
  : K extends "list<int32>" ? Int32Array[]
  : K extends "list<float32>" ? Float32Array[]
  : never;

/** What one row of a column is in memory: of a tensor, all of its elements in row-major order. */
export type RowValue<K extends ColumnKind> = K extends `tensor<${string}>` ? ColumnValues<K>
  : ColumnValues<K>[number];

/** Values for every column, all of the same number of rows. */
export type Rows<C extends Columns> = { readonly [N in keyof C]: ColumnValues<C[N]["kind"]> };

/** The schema of a table. */
export interface TableSchema<C extends Columns = Columns> {
  readonly name: string;
  readonly columns: C;
  /** The schema with only the given columns: what a stage that reads no more depends on. */
  pick<N extends keyof C & string>(...names: N[]): TableSchema<Pick<C, N>>;
}

/**
 * Declares a table.
 *
 * @param name What one file of it is called, in the singular or plural that reads best.
 * @param columns The columns in the order in which they stand in the file.
 */
/* @__NO_SIDE_EFFECTS__ */
export function defineSchema<const C extends Columns>(name: string, columns: C): TableSchema<C> {
  return {
    name,
    columns,
    pick: (...names) =>
      defineSchema(
        name,
        Object.fromEntries(names.map((key) => [key, columns[key]])) as Pick<
          C,
          typeof names[number]
        >,
      ),
  };
}

/** A column of 32-bit integers. */
export const int32 = /* @__NO_SIDE_EFFECTS__ */ (description: string): Column<"int32"> => ({
  kind: "int32",
  description,
});

/** A column of single-precision numbers. */
export const float32 = /* @__NO_SIDE_EFFECTS__ */ (description: string): Column<"float32"> => ({
  kind: "float32",
  description,
});

/** A column of double-precision numbers. */
export const float64 = /* @__NO_SIDE_EFFECTS__ */ (description: string): Column<"float64"> => ({
  kind: "float64",
  description,
});

/** A column of text. */
export const utf8 = /* @__NO_SIDE_EFFECTS__ */ (description: string): Column<"utf8"> => ({
  kind: "utf8",
  description,
});

/** A column with one RGB image of uint8 a row, shape [H, W, 3]. */
export const image = /* @__NO_SIDE_EFFECTS__ */ (description: string): Column<"tensor<uint8>"> => ({
  kind: "tensor<uint8>",
  description,
  shape: [null, null, 3],
});

/** A column with one float32 vector of a length that the file chooses in each row. */
export const vector = /* @__NO_SIDE_EFFECTS__ */ (
  description: string,
): Column<"tensor<float32>"> => ({
  kind: "tensor<float32>",
  description,
  shape: [null],
});

/** A column with a list of 32-bit integers in each row. */
export const int32List = /* @__NO_SIDE_EFFECTS__ */ (
  description: string,
): Column<"list<int32>"> => ({
  kind: "list<int32>",
  description,
});

/** A column with a list of single-precision numbers in each row. */
export const float32List = /* @__NO_SIDE_EFFECTS__ */ (
  description: string,
): Column<"list<float32>"> => ({
  kind: "list<float32>",
  description,
});
