/**
 * Tensors that a step makes in JavaScript, frozen into its graph.
 *
 * @module
 */
import type { Binding } from "./binding.ts";
import { DataType } from "../c_api/data_types.ts";
import { type Graph, type Output, outputOf } from "../c_api/graph.ts";
import { type HostData, newHostTensor } from "../c_api/host_tensor.ts";

/** Elements of the largest constant that a recording may hold. */
const MAX_CONSTANT_SIZE = 1024;
/** Elements up to which equal constants become one. */
const MAX_SHARED_SIZE = 16;

/** The constants of one graph. */
export class FrozenConstants {
  readonly #shared = new Map<string, Output>();

  constructor(private readonly binding: Binding, private readonly graph: Graph) {}

  /** The node of a tensor; one value over and over becomes a Fill. */
  of(id: number): Output {
    const { shape, dtype } = this.binding.metadata(id);
    const size = shape.reduce((product, length) => product * length, 1);
    if (size <= MAX_SHARED_SIZE && dtype !== DataType.string) {
      return this.#sharedOf(id, shape, dtype);
    }
    const values = this.binding.tensorDataSync(id);
    if (!Array.isArray(values) && values.every((value) => value === values[0])) {
      return this.#fill(shape, dtype, values.slice(0, 1));
    }
    if (size > MAX_CONSTANT_SIZE) {
      throw new Error(
        `Cannot record a step that freezes a tensor of shape [${shape}] as a constant takes at most ` +
          `${MAX_CONSTANT_SIZE} elements: current size is ${size}. Pass it as an argument ` +
          "(random numbers made in JavaScript cannot be recorded)",
      );
    }
    return this.#copy(id);
  }

  #sharedOf(id: number, shape: readonly number[], dtype: number): Output {
    const values = this.binding.tensorDataSync(id) as Float32Array;
    const key = `${dtype}:${shape}:${new Uint8Array(values.buffer)}`; // Bytes tell 0 from -0.
    let output = this.#shared.get(key);
    if (output === undefined) this.#shared.set(key, output = this.#copy(id));
    return output;
  }

  #copy(id: number): Output {
    return this.binding.withHostTensor(id, (tensor, type) => this.graph.constant(tensor, type));
  }

  #fill(shape: readonly number[], dtype: number, value: HostData): Output {
    const { symbols } = this.binding.api;
    const dims = this.#hostConstant([shape.length], DataType.int32, Int32Array.from(shape));
    const filler = this.#hostConstant([], dtype, value);
    const operation = this.graph.add("Fill", (description) => {
      symbols.TF_AddInput(description, dims.bytes);
      symbols.TF_AddInput(description, filler.bytes);
    });
    return outputOf(operation, 0);
  }

  #hostConstant(shape: readonly number[], type: number, values: HostData): Output {
    const { api } = this.binding;
    const tensor = newHostTensor(api, shape, type, values);
    try {
      return this.graph.constant(tensor, type);
    } finally {
      api.symbols.TF_DeleteTensor(tensor);
    }
  }
}
