/**
 * Variables as TensorFlow's resources: they live in the library, and fused operations update them
 * in place.
 *
 * @module
 */
import { attribute } from "../c_api/attribute.ts";
import { DataType } from "../c_api/data_types.ts";
import type { NativeBackend } from "./backend.ts";
import type { Tensor, Variable } from "../runtime.ts";

/** With this name TensorFlow gives every resource a name of its own (resource_handle.h). */
const ANONYMOUS_NAME = "cd2c89b7-88b7-44c8-ad83-06c2a9158347";
const FLOAT32 = attribute.type("dtype", DataType.float32);

/** A float32 variable. */
export class ResourceVariable implements Variable {
  readonly shape: readonly number[];
  readonly #backend: NativeBackend;
  readonly #shapes: Map<number, readonly number[]>;
  /** The id of the resource's handle. */
  readonly #id: number;

  /** @param shapes Where the variable enters its handle, for the recorder. */
  constructor(
    backend: NativeBackend,
    shapes: Map<number, readonly number[]>,
    readonly name: string,
    shape: readonly number[],
    values: Float32Array,
  ) {
    requireNotRecording(backend, name, "make");
    this.shape = [...shape];
    this.#backend = backend;
    this.#shapes = shapes;
    this.#id = newResource(backend, this.shape);
    shapes.set(this.#id, this.shape);
    this.set(values);
  }

  /** The id to pass to operations that update the variable in place. */
  get resourceId(): number {
    if (!this.#shapes.has(this.#id)) {
      throw new Error(`Cannot use the variable ${this.name} as it was disposed`);
    }
    return this.#id;
  }

  read(): Tensor {
    const { binding } = this.#backend;
    const [value] = binding.executeOp("ReadVariableOp", [FLOAT32], [this.resourceId], 1);
    return this.#backend.tensor(value);
  }

  assign(value: Tensor): void {
    if (value.shape.join() !== this.shape.join()) {
      throw new RangeError(
        `Cannot assign to the variable ${this.name} of shape [${this.shape}] as the shapes must ` +
          `agree: current shape is [${value.shape}]`,
      );
    }
    this.#assignId(this.#backend.ids([value])[0]);
  }

  data(): Promise<Float32Array> {
    return Promise.try(() => this.#values());
  }

  set(values: Float32Array): void {
    const { binding } = this.#backend;
    requireNotRecording(this.#backend, this.name, "set");
    const id = binding.createTensor(this.shape, DataType.float32, values);
    try {
      this.#assignId(id);
    } finally {
      binding.deleteTensor(id);
    }
  }

  dispose(): void {
    const { binding } = this.#backend;
    requireNotRecording(this.#backend, this.name, "dispose");
    if (!this.#shapes.delete(this.#id) || binding.context.isClosed) return;
    binding.executeOp("DestroyResourceOp", [attribute.bool("ignore_lookup_error", true)], [
      this.#id,
    ], 0);
    binding.deleteTensor(this.#id);
  }

  #values(): Float32Array {
    const { binding } = this.#backend;
    requireNotRecording(this.#backend, this.name, "read the values of");
    const [{ id }] = binding.executeOp("ReadVariableOp", [FLOAT32], [this.resourceId], 1);
    try {
      return binding.tensorDataSync(id) as Float32Array;
    } finally {
      binding.deleteTensor(id);
    }
  }

  #assignId(id: number): void {
    this.#backend.binding.executeOp("AssignVariableOp", [FLOAT32], [this.resourceId, id], 0);
  }
}

function newResource({ binding }: NativeBackend, shape: readonly number[]): number {
  const attributes = [
    attribute.string("container", ""),
    attribute.string("shared_name", ANONYMOUS_NAME),
    FLOAT32,
    attribute.shape("shape", shape),
  ];
  return binding.executeOp("VarHandleOp", attributes, [], 1)[0].id;
}

function requireNotRecording({ binding }: NativeBackend, name: string, action: string): void {
  if (binding.recorder === null) return;
  throw new Error(
    `Cannot ${action} the variable ${name} as a step is being recorded: do it outside the step`,
  );
}
