/**
 * Host memory in and out of a `TF_Tensor`: typed arrays by one `memcpy`, strings one by one.
 *
 * @module
 */
import type { CApi, Pointer } from "./c_api.ts";
import { DataType, dataTypeName } from "./data_types.ts";

/** Values of a tensor on the host, in row-major order; an item of a string tensor is its bytes. */
export type HostData =
  | Float32Array
  | Int32Array
  | Uint8Array
  | BigInt64Array
  | Uint8Array[];

/** `sizeof(TF_TString)`. */
const STRING_SIZE = 24;

/** Makes a `TF_Tensor` that holds a copy of `values`; the caller deletes it. */
export function newHostTensor(
  api: CApi,
  shape: readonly number[],
  type: number,
  values: HostData,
): Pointer {
  const size = shape.reduce((product, length) => product * length, 1);
  if (Array.isArray(values)) return newStringTensor(api, shape, size, type, values);
  requireFit(shape, size, type, values);
  const { symbols, memory } = api;
  const byteLength = BigInt(values.byteLength);
  const tensor = symbols.TF_AllocateTensor(type, dimensions(shape), shape.length, byteLength);
  if (values.byteLength > 0) {
    memory.copyIn(symbols.TF_TensorData(tensor), values as Uint8Array<ArrayBuffer>, byteLength);
  }
  return tensor;
}

/** A shape as the C API takes it. */
export function dimensions(shape: readonly number[]): BigInt64Array<ArrayBuffer> {
  const result = new BigInt64Array(Math.max(1, shape.length));
  for (let i = 0; i < shape.length; i++) result[i] = BigInt(shape[i]);
  return result;
}

function newStringTensor(
  api: CApi,
  shape: readonly number[],
  size: number,
  type: number,
  values: Uint8Array[],
): Pointer {
  if (type !== DataType.string) {
    throw new TypeError(
      `Cannot make a ${
        dataTypeName(type)
      } tensor as only strings come in an array: pass a typed array`,
    );
  }
  if (values.length !== size) throw lengthError(shape, size, values.length);
  const { symbols } = api;
  const bytes = BigInt(size * STRING_SIZE);
  const tensor = symbols.TF_AllocateTensor(type, dimensions(shape), shape.length, bytes);
  eachString(api, tensor, size, (item, index) => {
    symbols.TF_StringInit(item);
    const value = values[index] as Uint8Array<ArrayBuffer>;
    symbols.TF_StringCopy(item, value, BigInt(value.byteLength));
  });
  return tensor;
}

/**
 * Frees the strings of a tensor that {@link newHostTensor} made: those over 22 bytes lie outside
 * its buffer, and deleting the tensor does not free them.
 */
export function freeStrings(api: CApi, tensor: Pointer, count: number): void {
  eachString(api, tensor, count, (item) => api.symbols.TF_StringDealloc(item));
}

function eachString(
  api: CApi,
  tensor: Pointer,
  count: number,
  visit: (item: Pointer, index: number) => void,
): void {
  const data = api.symbols.TF_TensorData(tensor);
  for (let i = 0; i < count; i++) visit(Deno.UnsafePointer.offset(data!, i * STRING_SIZE), i);
}

function requireFit(
  shape: readonly number[],
  size: number,
  type: number,
  values: Exclude<HostData, Uint8Array[]>,
): void {
  const perElement = valuesPerElement(type, values);
  if (perElement === 0) {
    throw new TypeError(
      `Cannot make a ${dataTypeName(type)} tensor as its values are a ${values.constructor.name}`,
    );
  }
  if (values.length !== size * perElement) {
    throw lengthError(shape, size * perElement, values.length);
  }
}

/** Array items an element takes; 0 if the array cannot hold such elements. */
function valuesPerElement(type: number, values: Exclude<HostData, Uint8Array[]>): number {
  if (values instanceof Float32Array) {
    return type === DataType.float32 ? 1 : type === DataType.complex64 ? 2 : 0;
  }
  if (values instanceof Int32Array) {
    return type === DataType.int32 ? 1 : type === DataType.int64 ? 2 : 0;
  }
  if (values instanceof Uint8Array) {
    return type === DataType.bool || type === DataType.uint8 ? 1 : 0;
  }
  return type === DataType.int64 ? 1 : 0;
}

function lengthError(shape: readonly number[], expected: number, actual: number): RangeError {
  return new RangeError(
    `Cannot make a tensor of shape [${shape}] as it takes ${expected} values: current length is ${actual}`,
  );
}

/** A copy of the values in a `TF_Tensor`; half precision and doubles come as float32. */
export function readHostTensor(api: CApi, tensor: Pointer, type: number): HostData {
  const byteLength = Number(api.symbols.TF_TensorByteSize(tensor));
  if (type === DataType.string) return readStrings(api, tensor, byteLength / STRING_SIZE);
  const buffer = new ArrayBuffer(byteLength);
  if (byteLength > 0) {
    const data = api.symbols.TF_TensorData(tensor);
    api.memory.copyOut(new Uint8Array(buffer), data, BigInt(byteLength));
  }
  switch (type) {
    case DataType.float32:
    case DataType.complex64:
      return new Float32Array(buffer);
    case DataType.int32:
      return new Int32Array(buffer);
    case DataType.int64:
      return new BigInt64Array(buffer);
    case DataType.bool:
    case DataType.uint8:
    case DataType.resource:
      return new Uint8Array(buffer);
    case DataType.float64:
      return Float32Array.from(new Float64Array(buffer));
    case DataType.float16:
      return Float32Array.from(new Float16Array(buffer));
    case DataType.bfloat16: // The upper half of a float32.
      return new Float32Array(
        Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer,
      );
    default:
      throw new TypeError(`Cannot read a tensor as its type has no array: current type is ${type}`);
  }
}

function readStrings(api: CApi, tensor: Pointer, count: number): Uint8Array[] {
  const { symbols, memory } = api;
  const strings: Uint8Array[] = [];
  eachString(api, tensor, count, (item) => {
    const size = symbols.TF_StringGetSize(item);
    const bytes = new Uint8Array(Number(size));
    if (size > 0n) memory.copyOut(bytes, symbols.TF_StringGetDataPointer(item), size);
    strings.push(bytes);
  });
  return strings;
}
