/**
 * TensorFlow's `TF_DataType` numbers, as in `tensorflow/c/tf_datatype.h`.
 *
 * @module
 */

/** The element types that the native backend handles. */
export const DataType = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  float16: 19,
  resource: 20,
} as const;

/** One of TensorFlow's element types. */
export type DataType = typeof DataType[keyof typeof DataType];

const NAMES = new Map<number, string>(Object.entries(DataType).map(([name, type]) => [type, name]));

/** The name of an element type, for messages. */
export function dataTypeName(type: number): string {
  return NAMES.get(type) ?? `type ${type}`;
}
