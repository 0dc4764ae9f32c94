/**
 * The object that the JavaScript of `@tensorflow/tfjs-node-gpu` calls in place of its native addon
 * (its `TFJSBinding`), made of calls to TensorFlow's C API. Tensors are numbered handles; every
 * operation goes through {@link Binding.executeOp}, which a recorder may take over.
 *
 * @module
 */
import {
  type Attribute,
  AttributeKind,
  eagerAttributeSetter,
  type SetAttribute,
} from "../c_api/attribute.ts";
import { type CApi, internedCString, type Pointer } from "../c_api/c_api.ts";
import type { Context } from "../c_api/context.ts";
import { DataType } from "../c_api/data_types.ts";
import { LastWords, operationInWords } from "./last_words.ts";
import { freeStrings, type HostData, newHostTensor, readHostTensor } from "../c_api/host_tensor.ts";

/** A result of an operation. */
export interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/** Takes the operations of a {@link Binding} while it records them. */
export interface OperationRecorder {
  /** In which the recorded function will run. */
  readonly precision: "float32" | "bfloat16";
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorMetadata[];
  /** A real handle that was let go while recording; the recorder deletes it when it ends. */
  deleteLater(id: number): void;
}

/** `TFJSBinding` by FFI. Ids of handles are natural numbers; a recorder's own are below -1. */
export class Binding {
  readonly TF_FLOAT = DataType.float32;
  readonly TF_INT32 = DataType.int32;
  readonly TF_UINT8 = DataType.uint8;
  readonly TF_STRING = DataType.string;
  readonly TF_COMPLEX64 = DataType.complex64;
  readonly TF_INT64 = DataType.int64;
  readonly TF_BOOL = DataType.bool;
  readonly TF_RESOURCE = DataType.resource;
  readonly TF_ATTR_STRING = AttributeKind.string;
  readonly TF_ATTR_INT = AttributeKind.int;
  readonly TF_ATTR_FLOAT = AttributeKind.float;
  readonly TF_ATTR_BOOL = AttributeKind.bool;
  readonly TF_ATTR_TYPE = AttributeKind.type;
  readonly TF_ATTR_SHAPE = AttributeKind.shape;
  readonly TF_ATTR_RESOURCE = AttributeKind.resource;
  readonly TF_Version: string;
  readonly TensorMetadata = class {};
  readonly TFEOpAttr = class {};

  /** Takes over {@link Binding.executeOp} while it is set. */
  recorder: OperationRecorder | null = null;
  readonly api: CApi;
  readonly #handles = new Map<number, bigint>();
  readonly #setAttribute: SetAttribute;
  readonly #lastWords: LastWords | null;
  readonly #outputCount = new Int32Array(new ArrayBuffer(4));
  #outputs = new BigUint64Array(new ArrayBuffer(8 * 256));
  #nextId = 0;

  constructor(readonly context: Context) {
    this.api = context.api;
    this.TF_Version = this.api.version;
    this.#setAttribute = eagerAttributeSetter(this.api);
    this.#lastWords = LastWords.fromEnvironment(this.api.memory);
  }

  isUsingGpuDevice(): boolean {
    return this.context.usesGpu;
  }

  /** How many handles are alive. */
  getNumOfTensors(): number {
    return this.#handles.size;
  }

  createTensor(shape: readonly number[], type: number, values: HostData): number {
    const handle = Array.isArray(values)
      ? this.#stringHandle(shape, type, values)
      : this.#newHandle(newHostTensor(this.api, shape, type, values));
    // Kernels of a GPU take int32 (sizes, axes, indices) from the host's memory.
    const onHost = type === DataType.int32 || type === DataType.string || !this.context.usesGpu;
    return this.#insert(onHost ? handle : this.context.moveToDevice(handle));
  }

  deleteTensor(id: number): void {
    if (this.recorder !== null) return this.recorder.deleteLater(id);
    if (this.context.isClosed) return; // Closing freed every handle.
    const handle = this.handle(id);
    this.#handles.delete(id);
    this.api.symbols.TFE_DeleteTensorHandle(handle);
  }

  /** A copy of a tensor's values on the host; waits for them where they are still computed. */
  tensorDataSync(id: number): HostData {
    return this.withHostTensor(id, (tensor, type) => readHostTensor(this.api, tensor, type));
  }

  /** Lends the `TF_Tensor` behind a handle. */
  withHostTensor<R>(id: number, use: (tensor: Pointer, type: number) => R): R {
    const { symbols, status } = this.api;
    const handle = this.handle(id);
    const tensor = symbols.TFE_TensorHandleResolve(handle, status);
    this.api.check("read a tensor");
    try {
      return use(tensor, symbols.TFE_TensorHandleDataType(handle));
    } finally {
      symbols.TF_DeleteTensor(tensor);
    }
  }

  /** Shape and type of a real handle. */
  metadata(id: number): TensorMetadata {
    const { symbols, status } = this.api;
    const handle = this.handle(id);
    const shape = new Array<number>(symbols.TFE_TensorHandleNumDims(handle, status));
    for (let axis = 0; axis < shape.length; axis++) {
      shape[axis] = symbols.TFE_TensorHandleDim(handle, axis, status);
    }
    return { id, shape, dtype: symbols.TFE_TensorHandleDataType(handle) };
  }

  /**
   * Runs an operation, or a function by its name, now or into the recorder.
   *
   * @param words The call, for who asks after a crash; its name, inputs and attributes if undefined.
   */
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputCount: number,
    words?: string,
  ): TensorMetadata[] {
    if (this.recorder !== null) {
      return this.recorder.executeOp(name, attributes, inputs, outputCount);
    }
    const { symbols, status } = this.api;
    const operation = this.#prepare(name, attributes, inputs);
    if (outputCount > this.#outputs.length) {
      this.#outputs = new BigUint64Array(new ArrayBuffer(8 * outputCount));
    }
    this.#outputCount[0] = outputCount;
    this.#lastWords?.given(
      words ?? operationInWords(name, attributes, inputs.map((id) => this.metadata(id))),
    );
    symbols.TFE_Execute(operation, this.#outputs, this.#outputCount, status);
    symbols.TFE_DeleteOp(operation);
    this.api.check(`run ${name}`);
    return this.#collect(this.#outputs, this.#outputCount[0]);
  }

  /** As {@link Binding.executeOp}, on another thread: timers and I/O go on meanwhile. */
  async executeOpAsync(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputCount: number,
    words: string,
  ): Promise<TensorMetadata[]> {
    const { symbols } = this.api;
    const operation = this.#prepare(name, attributes, inputs);
    const status = symbols.TF_NewStatus();
    const outputs = new BigUint64Array(new ArrayBuffer(8 * Math.max(1, outputCount)));
    const count = new Int32Array(new ArrayBuffer(4)).fill(outputCount);
    this.#lastWords?.running(words);
    try {
      await symbols.TFE_ExecuteAsync(operation, outputs, count, status);
      this.api.checkStatus(status, `run ${name}`);
    } finally {
      this.#lastWords?.ended();
      symbols.TFE_DeleteOp(operation);
      symbols.TF_DeleteStatus(status);
    }
    return this.#collect(outputs, count[0]);
  }

  /** The handle of an id. */
  handle(id: number): bigint {
    const handle = this.#handles.get(id);
    if (handle !== undefined) return handle;
    throw new Error(
      id < -1
        ? "Cannot use a tensor's values as its step is being recorded: return it from the step, and read it after the run"
        : `Cannot use a tensor as it was disposed or never made: current id is ${id}`,
    );
  }

  /** Frees every handle that is still alive, and the context. */
  close(): void {
    for (const handle of this.#handles.values()) this.api.symbols.TFE_DeleteTensorHandle(handle);
    this.#handles.clear();
    this.context.close();
  }

  loadSavedModel(): never {
    throw new Error("Cannot load a SavedModel as this binding runs operations only");
  }

  deleteSavedModel = this.loadSavedModel;
  runSavedModel = this.loadSavedModel;
  getNumOfSavedModels = (): number => 0;

  #insert(handle: bigint): number {
    this.#handles.set(this.#nextId, handle);
    return this.#nextId++;
  }

  #newHandle(tensor: Pointer): bigint {
    const handle = this.api.symbols.TFE_NewTensorHandle(tensor, this.api.status);
    this.api.symbols.TF_DeleteTensor(tensor);
    this.api.check("make a tensor");
    return handle;
  }

  /** Strings copied once more by TensorFlow, so that its own tensor frees them with their buffer. */
  #stringHandle(shape: readonly number[], type: number, values: Uint8Array[]): bigint {
    const { symbols, status } = this.api;
    const tensor = newHostTensor(this.api, shape, type, values);
    const borrowed = symbols.TFE_NewTensorHandle(tensor, status);
    this.api.check("make a string tensor");
    const recorder = this.recorder;
    this.recorder = null;
    try {
      const id = this.#insert(borrowed);
      const count = { name: "N", type: AttributeKind.int, value: 1 };
      const [copy] = this.executeOp("StringJoin", [count], [id], 1);
      const handle = this.handle(copy.id);
      this.#handles.delete(copy.id);
      this.deleteTensor(id);
      return handle;
    } finally {
      this.recorder = recorder;
      freeStrings(this.api, tensor, values.length);
      symbols.TF_DeleteTensor(tensor);
    }
  }

  #prepare(name: string, attributes: readonly Attribute[], inputs: readonly number[]): Pointer {
    const { symbols, status } = this.api;
    const operation = symbols.TFE_NewOp(this.context.pointer, internedCString(name), status);
    this.api.check(`run ${name}`);
    try {
      for (let i = 0; i < inputs.length; i++) {
        symbols.TFE_OpAddInput(operation, this.handle(inputs[i]), status);
        // A later success would not hide the error, but would not name its input either.
        if (symbols.TF_GetCode(status) !== 0) this.api.check(`pass input ${i} to ${name}`);
      }
      for (let i = 0; i < attributes.length; i++) this.#setAttribute(operation, attributes[i]);
    } catch (error) {
      symbols.TFE_DeleteOp(operation);
      throw error;
    }
    return operation;
  }

  #collect(outputs: BigUint64Array, count: number): TensorMetadata[] {
    const results = new Array<TensorMetadata>(count);
    for (let i = 0; i < count; i++) results[i] = this.metadata(this.#insert(outputs[i]));
    return results;
  }
}
