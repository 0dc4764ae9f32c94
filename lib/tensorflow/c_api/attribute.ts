/**
 * Attributes of TensorFlow operations: the same list serves an eager operation and a node of a
 * graph, whose setters in the C API take the same arguments.
 *
 * @module
 */
import { type CApi, cString, internedCString, type Pointer } from "./c_api.ts";

/** Kinds of attributes, numbered as the JavaScript of `tfjs-node` receives them from the binding. */
export const AttributeKind = {
  string: 0,
  int: 1,
  float: 2,
  bool: 3,
  type: 4,
  shape: 5,
  resource: 6,
} as const;

/** An attribute as `tfjs-node` hands it over; `type` is an {@link AttributeKind}. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: AttributeValue;
}

/** The value of an {@link Attribute}: bytes are a string, another array is a list or a shape. */
export type AttributeValue =
  | string
  | Uint8Array<ArrayBuffer>
  | number
  | boolean
  | readonly (number | boolean)[];

/** Short constructors of attributes. */
export const attribute = {
  string: (name: string, value: string): Attribute => ({ name, type: AttributeKind.string, value }),
  bytes: (name: string, value: Uint8Array<ArrayBuffer>): Attribute => (
    { name, type: AttributeKind.string, value }
  ),
  int: (name: string, value: number): Attribute => ({ name, type: AttributeKind.int, value }),
  ints: (name: string, value: readonly number[]): Attribute => (
    { name, type: AttributeKind.int, value }
  ),
  float: (name: string, value: number): Attribute => ({ name, type: AttributeKind.float, value }),
  bool: (name: string, value: boolean): Attribute => ({ name, type: AttributeKind.bool, value }),
  type: (name: string, value: number): Attribute => ({ name, type: AttributeKind.type, value }),
  shape: (name: string, value: readonly number[]): Attribute => (
    { name, type: AttributeKind.shape, value }
  ),
};

/** Sets attributes on an operation. */
export type SetAttribute = (operation: Pointer, attribute: Attribute) => void;

/** The setter for `TFE_Op`, operations that run at once. */
export function eagerAttributeSetter(api: CApi): SetAttribute {
  const s = api.symbols;
  return setter({
    string: s.TFE_OpSetAttrString,
    int: s.TFE_OpSetAttrInt,
    ints: s.TFE_OpSetAttrIntList,
    float: s.TFE_OpSetAttrFloat,
    floats: s.TFE_OpSetAttrFloatList,
    bool: s.TFE_OpSetAttrBool,
    bools: s.TFE_OpSetAttrBoolList,
    type: s.TFE_OpSetAttrType,
    types: s.TFE_OpSetAttrTypeList,
    shape: (operation, name, dimensions, rank) => {
      s.TFE_OpSetAttrShape(operation, name, dimensions, rank, api.status);
      api.check("set a shape attribute");
    },
  });
}

/** The setter for `TF_OperationDescription`, nodes of a graph. */
export function graphAttributeSetter(api: CApi): SetAttribute {
  const s = api.symbols;
  return setter({
    string: s.TF_SetAttrString,
    int: s.TF_SetAttrInt,
    ints: s.TF_SetAttrIntList,
    float: s.TF_SetAttrFloat,
    floats: s.TF_SetAttrFloatList,
    bool: s.TF_SetAttrBool,
    bools: s.TF_SetAttrBoolList,
    type: s.TF_SetAttrType,
    types: s.TF_SetAttrTypeList,
    shape: s.TF_SetAttrShape,
  });
}

type Bytes = Uint8Array<ArrayBuffer>;
type Setter<V> = (operation: Pointer, name: Bytes, value: V) => void;
type SizedSetter<V, S> = (operation: Pointer, name: Bytes, value: V, size: S) => void;

interface Setters {
  string: SizedSetter<Bytes, bigint>;
  int: Setter<bigint>;
  ints: SizedSetter<BigInt64Array<ArrayBuffer>, number>;
  float: Setter<number>;
  floats: SizedSetter<Float32Array<ArrayBuffer>, number>;
  bool: Setter<number>;
  bools: SizedSetter<Bytes, number>;
  type: Setter<number>;
  types: SizedSetter<Int32Array<ArrayBuffer>, number>;
  shape: SizedSetter<BigInt64Array<ArrayBuffer>, number>;
}

function setter(set: Setters): SetAttribute {
  return (operation, { name, type, value }) => {
    const key = internedCString(name);
    if (typeof value === "string") {
      const bytes = cString(value);
      return set.string(operation, key, bytes, BigInt(bytes.length - 1));
    }
    if (value instanceof Uint8Array) {
      return set.string(operation, key, value, BigInt(value.length));
    }
    if (typeof value === "object") return setList(set, operation, key, type, value);
    switch (type) {
      case AttributeKind.type:
        return set.type(operation, key, value as number);
      case AttributeKind.bool:
        return set.bool(operation, key, value ? 1 : 0);
      case AttributeKind.int:
        return set.int(operation, key, BigInt(Math.trunc(value as number)));
      case AttributeKind.float:
        return set.float(operation, key, value as number);
      default:
        throw unknownKind(name, type, value);
    }
  };
}

function setList(
  set: Setters,
  operation: Pointer,
  key: Bytes,
  type: number,
  values: readonly (number | boolean)[],
): void {
  const { length } = values;
  const bigints = () => BigInt64Array.from(values, (value) => BigInt(Math.trunc(Number(value))));
  switch (type) {
    case AttributeKind.int:
      return set.ints(operation, key, bigints(), length);
    case AttributeKind.shape:
      return set.shape(operation, key, bigints(), length);
    case AttributeKind.float:
      return set.floats(operation, key, Float32Array.from(values, Number), length);
    case AttributeKind.bool:
      return set.bools(operation, key, Uint8Array.from(values, Number), length);
    case AttributeKind.type:
      return set.types(operation, key, Int32Array.from(values, Number), length);
    default:
      throw unknownKind("a list", type, values);
  }
}

function unknownKind(name: string, type: number, value: AttributeValue): TypeError {
  return new TypeError(
    `Cannot set the attribute ${name} as its kind is unknown: current kind is ${type}, value ${value}`,
  );
}
