/**
 * Between the columns of `TableSchema` and Arrow's types: construction of fields and of
 * column data without copies.
 *
 * @module
 */
import * as arrow from "apache-arrow";
import type { Column, ColumnKind, ColumnValues } from "./schema.ts";

/** Key-value metadata of one field. */
export type FieldMetadata = Readonly<Record<string, string>>;

/** The number of values in one row of a tensor of this shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/**
 * The Arrow field of a column. Tensors become FixedSizeList with the canonical extension type
 * `arrow.fixed_shape_tensor`, which pyarrow turns into NumPy arrays without a copy.
 *
 * @param shape The concrete shape of a tensor's row.
 */
export function toField(
  name: string,
  column: Column,
  shape: readonly number[],
  metadata: FieldMetadata,
): arrow.Field {
  const pairs = new Map(Object.entries(metadata));
  pairs.set("description", column.description);
  if (column.kind.startsWith("tensor")) {
    pairs.set("ARROW:extension:name", "arrow.fixed_shape_tensor");
    pairs.set("ARROW:extension:metadata", JSON.stringify({ shape }));
  }
  return new arrow.Field(name, toType(column.kind, shape), false, pairs);
}

function toType(kind: ColumnKind, shape: readonly number[]): arrow.DataType {
  const item = (type: arrow.DataType) => new arrow.Field("item", type, false);
  switch (kind) {
    case "int32":
      return new arrow.Int32();
    case "float32":
      return new arrow.Float32();
    case "float64":
      return new arrow.Float64();
    case "utf8":
      return new arrow.Utf8();
    case "tensor<uint8>":
      return new arrow.FixedSizeList(elementCount(shape), item(new arrow.Uint8()));
    case "tensor<float32>":
      return new arrow.FixedSizeList(elementCount(shape), item(new arrow.Float32()));
    case "list<int32>":
      return new arrow.List(item(new arrow.Int32()));
    case "list<float32>":
      return new arrow.List(item(new arrow.Float32()));
  }
}

/** The column data of `rowCount` rows; fixed-width values are used in place. */
export function toData(
  field: arrow.Field,
  kind: ColumnKind,
  values: ColumnValues<ColumnKind>,
  rowCount: number,
): arrow.Data {
  const type = field.type;
  if (kind === "utf8") return utf8Data(values as string[]);
  if (kind.startsWith("list")) {
    return listData(type as arrow.List, values as Int32Array[] | Float32Array[]);
  }
  if (!kind.startsWith("tensor")) {
    return arrow.makeData({ type, length: rowCount, data: values } as never) as arrow.Data;
  }
  const flat = values as Uint8Array | Float32Array;
  const child = arrow.makeData(
    {
      type: (type as arrow.FixedSizeList).children[0].type,
      length: flat.length,
      data: flat,
    } as never,
  ) as arrow.Data;
  return arrow.makeData({ type: type as arrow.FixedSizeList, length: rowCount, child });
}

function utf8Data(values: string[]): arrow.Data {
  const encoded = values.map((text) => new TextEncoder().encode(text));
  const offsets = offsetsOf(encoded);
  const bytes = new Uint8Array(offsets[encoded.length]);
  encoded.forEach((text, row) => bytes.set(text, offsets[row]));
  return arrow.makeData({
    type: new arrow.Utf8(),
    length: values.length,
    valueOffsets: offsets,
    data: bytes,
  });
}

function listData(type: arrow.List, values: Int32Array[] | Float32Array[]): arrow.Data {
  const offsets = offsetsOf(values);
  const total = offsets[values.length];
  const flat = type.children[0].type instanceof arrow.Int32
    ? new Int32Array(total)
    : new Float32Array(total);
  values.forEach((list, row) => flat.set(list, offsets[row]));
  const child = arrow.makeData(
    { type: type.children[0].type, length: total, data: flat } as never,
  ) as arrow.Data;
  return arrow.makeData({ type, length: values.length, valueOffsets: offsets, child });
}

function offsetsOf(lists: readonly { length: number }[]): Int32Array {
  const offsets = new Int32Array(lists.length + 1);
  lists.forEach((list, row) => offsets[row + 1] = offsets[row] + list.length);
  return offsets;
}

/**
 * The kind and row shape that an Arrow field stands for, or `null` if no column can have it.
 *
 * @throws {RangeError} if a tensor's shape does not have as many values as its rows.
 */
export function fromField(field: arrow.Field): { kind: ColumnKind; shape: number[] } | null {
  const { type } = field;
  const item = (type.children?.[0]?.type ?? null) as arrow.DataType | null;
  const scalar = scalarKind(type);
  if (scalar) return { kind: scalar, shape: [] };
  if (item === null) return null;
  if (arrow.DataType.isFixedSizeList(type)) {
    const element = arrow.DataType.isInt(item) ? "uint8" : "float32";
    const extension = field.metadata.get("ARROW:extension:metadata");
    const shape = extension ? readShape(extension, type.listSize) : [type.listSize];
    return { kind: `tensor<${element}>`, shape };
  }
  if (arrow.DataType.isList(type)) {
    return { kind: arrow.DataType.isInt(item) ? "list<int32>" : "list<float32>", shape: [] };
  }
  return null;
}

function readShape(extension: string, size: number): number[] {
  const { shape } = JSON.parse(extension);
  const isShape = Array.isArray(shape) && shape.every((extent) => Number.isSafeInteger(extent)) &&
    elementCount(shape) === size;
  if (isShape) return shape;
  throw new RangeError(`its rows have ${size} values, and its shape is ${JSON.stringify(shape)}`);
}

function scalarKind(type: arrow.DataType): ColumnKind | null {
  if (arrow.DataType.isInt(type) && type.bitWidth === 32) return "int32";
  if (arrow.DataType.isFloat(type)) return type.precision === 1 ? "float32" : "float64";
  return arrow.DataType.isUtf8(type) ? "utf8" : null;
}
