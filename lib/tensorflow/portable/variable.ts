/**
 * Variables as tensors that are kept from one step to the next.
 *
 * @module
 */
import type { Tensor, Tfjs, Variable } from "../runtime.ts";

/** Throws what has gone wrong on the device, if anything has. */
export type DeviceCheck = () => void;

/** Where a variable lives. */
export interface VariableHome {
  readonly tf: Tfjs;
  readonly checkDevice: DeviceCheck;
}

/** A float32 variable of TensorFlow.js. */
export class PortableVariable implements Variable {
  readonly shape: readonly number[];
  #value: Tensor | null;

  /** @throws {RangeError} if the number of values does not fit the shape. */
  constructor(
    private readonly home: VariableHome,
    readonly name: string,
    shape: readonly number[],
    values: Float32Array,
  ) {
    this.shape = [...shape];
    this.#value = this.#upload(values);
  }

  read(): Tensor {
    return this.home.tf.clone(this.#current());
  }

  assign(value: Tensor): void {
    if (value.shape.join() !== this.shape.join()) {
      throw new RangeError(
        `Cannot assign to the variable ${this.name} as the shape must be [${this.shape}]: ` +
          `current value is [${value.shape}]`,
      );
    }
    this.#replace(this.home.tf.keep(this.home.tf.clone(value)));
  }

  async data(): Promise<Float32Array> {
    const values = await this.#current().data<"float32">();
    this.home.checkDevice();
    return values;
  }

  set(values: Float32Array): void {
    this.#replace(this.#upload(values));
  }

  dispose(): void {
    this.#value?.dispose();
    this.#value = null;
  }

  #current(): Tensor {
    if (this.#value !== null) return this.#value;
    throw new Error(`Cannot use the variable ${this.name} as it was disposed`);
  }

  #replace(next: Tensor): void {
    this.#current().dispose();
    this.#value = next;
  }

  /** Copies: backends may hold on to the array that they are given. */
  #upload(values: Float32Array): Tensor {
    const size = this.shape.reduce((product, length) => product * length, 1);
    if (values.length !== size) {
      throw new RangeError(
        `Cannot set the variable ${this.name} of shape [${this.shape}] as there must be ${size} ` +
          `values: current value is ${values.length}`,
      );
    }
    return this.home.tf.keep(this.home.tf.tensor(values.slice(), [...this.shape], "float32"));
  }
}
