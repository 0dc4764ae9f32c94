/**
 * Building a TensorFlow graph node by node; shapes and types are inferred by TensorFlow.
 *
 * @module
 */
import { type CApi, cString, internedCString, type Pointer } from "./c_api.ts";
import { dimensions } from "./host_tensor.ts";

/** A `TF_Output`: one result of a node. */
export interface Output {
  /** The struct as it is passed by value. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly operation: Pointer;
}

/** The struct `TF_Output { TF_Operation* oper; int index; }` with its padding. */
const OUTPUT_SIZE = 16;

/** The output `index` of a node. */
export function outputOf(operation: Pointer, index: number): Output {
  const bytes = new Uint8Array(new ArrayBuffer(OUTPUT_SIZE));
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, Deno.UnsafePointer.value(operation), true);
  view.setInt32(8, index, true);
  return { bytes, operation };
}

/** Outputs as a C array. */
export function packOutputs(outputs: readonly Output[]): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(new ArrayBuffer(OUTPUT_SIZE * Math.max(1, outputs.length)));
  outputs.forEach(({ bytes }, index) => packed.set(bytes, OUTPUT_SIZE * index));
  return packed;
}

/** Pointers as a C array. */
export function packPointers(pointers: readonly Pointer[]): Uint8Array<ArrayBuffer> {
  const packed = new BigUint64Array(new ArrayBuffer(8 * Math.max(1, pointers.length)));
  pointers.forEach((pointer, index) => packed[index] = Deno.UnsafePointer.value(pointer));
  return new Uint8Array(packed.buffer);
}

/** A `TF_Graph` under construction. */
export class Graph {
  readonly pointer: Pointer;
  #nodeCount = 0;

  constructor(private readonly api: CApi) {
    this.pointer = api.symbols.TF_NewGraph();
  }

  get nodeCount(): number {
    return this.#nodeCount;
  }

  /** Adds a node; `fill` sets its inputs and attributes. */
  add(type: string, fill: (description: Pointer) => void): Pointer {
    const { symbols, status } = this.api;
    const name = cString(`n${this.#nodeCount++}`);
    const description = symbols.TF_NewOperation(this.pointer, internedCString(type), name);
    fill(description);
    const operation = symbols.TF_FinishOperation(description, status);
    this.api.check(`record ${type}`);
    return operation;
  }

  /** A node that stands for an input of the function. */
  placeholder(type: number, shape: readonly number[]): Output {
    const { symbols } = this.api;
    const operation = this.add("Placeholder", (description) => {
      symbols.TF_SetAttrType(description, internedCString("dtype"), type);
      const name = internedCString("shape");
      symbols.TF_SetAttrShape(description, name, dimensions(shape), shape.length);
    });
    return outputOf(operation, 0);
  }

  /** A node that holds a copy of `tensor`. */
  constant(tensor: Pointer, type: number): Output {
    const { symbols, status } = this.api;
    const operation = this.add("Const", (description) => {
      symbols.TF_SetAttrTensor(description, internedCString("value"), tensor, status);
      symbols.TF_SetAttrType(description, internedCString("dtype"), type);
    });
    return outputOf(operation, 0);
  }

  typeOf(output: Output): number {
    return this.api.symbols.TF_OperationOutputType(output.bytes);
  }

  /** The inferred shape: -1 for a length that is not known, null if not even the rank is. */
  shapeOf(output: Output): number[] | null {
    const { symbols, status } = this.api;
    const rank = symbols.TF_GraphGetTensorNumDims(this.pointer, output.bytes, status);
    this.api.check("infer a shape");
    if (rank < 0) return null;
    const lengths = dimensions(new Array(rank).fill(-1));
    if (rank > 0) {
      symbols.TF_GraphGetTensorShape(this.pointer, output.bytes, lengths, rank, status);
      this.api.check("infer a shape");
    }
    return Array.from(lengths.subarray(0, rank), Number);
  }

  /** Tells a shape that TensorFlow cannot infer. */
  setShape(output: Output, shape: readonly number[]): void {
    const { symbols, status } = this.api;
    const lengths = dimensions(shape);
    symbols.TF_GraphSetTensorShape(this.pointer, output.bytes, lengths, shape.length, status);
    this.api.check("set a shape");
  }

  /** The graph as a `TF_Function`, which the caller deletes; `effects` run although no output needs them. */
  toFunction(
    name: string,
    inputs: readonly Output[],
    outputs: readonly Output[],
    effects: readonly Pointer[],
  ): Pointer {
    const { symbols, status } = this.api;
    const made = symbols.TF_GraphToFunctionWithControlOutputs(
      this.pointer,
      internedCString(name),
      0,
      -1,
      null,
      inputs.length,
      packOutputs(inputs),
      outputs.length,
      packOutputs(outputs),
      null,
      effects.length,
      packPointers(effects),
      null,
      null,
      null,
      status,
    );
    this.api.check(`make a function of the step ${name}`);
    return made;
  }

  dispose(): void {
    this.api.symbols.TF_DeleteGraph(this.pointer);
  }
}
