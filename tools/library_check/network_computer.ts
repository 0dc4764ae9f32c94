/**
 * Cases computed by the operations of which the networks are made: what the library is given.
 *
 * @module
 */
import type { Tensor3D } from "@tensorflow/tfjs-core";
import type { Runtime, Tensor } from "../../lib/tensorflow/runtime.ts";
import type { Convolution, Precision, Product } from "./case.ts";
import type { Computer, Operand, Result } from "./computer.ts";
import { paddedAllRound } from "./reference.ts";

/** Calls the operations of a runtime, at once or recorded as a step. */
export class NetworkComputer implements Computer {
  constructor(private readonly runtime: Runtime, private readonly isRecorded: boolean) {}

  geometry(asked: Convolution) {
    return paddedAllRound(asked, paddingOf(asked));
  }

  convolve(asked: Convolution, x: Operand, filter: Operand, dy: Operand): Result[] {
    const { tf, ops } = this.runtime;
    const options = { stride: asked.stride, padding: paddingOf(asked) };
    const convolution = (x: Tensor, filter: Tensor) => ops.conv2d(x, filter, options);
    return this.#run(asked.precision, [x, filter, dy], (x, filter, dy) => {
      const { value, grads } = tf.valueAndGrads(convolution)([x, filter], dy);
      return [value, ...grads];
    });
  }

  multiply({ precision, transposed }: Product, left: Operand, right: Operand): Result {
    const { tf } = this.runtime;
    const product = (left: Tensor, right: Tensor) => [
      tf.matMul(left as Tensor3D, right as Tensor3D, transposed === "left", transposed === "right"),
    ];
    return this.#run(precision, [left, right], product)[0];
  }

  close(): void {
    this.runtime.close();
  }

  #run(
    precision: Precision,
    operands: readonly Operand[],
    body: (...tensors: Tensor[]) => Tensor[],
  ): Result[] {
    const { tf } = this.runtime;
    const tensors = operands.map(({ values, shape }) => tf.tensor(values, [...shape]));
    const step = this.isRecorded ? this.runtime.step("case", body, { precision }) : null;
    const outputs = step === null ? tf.tidy(() => body(...tensors)) : step.run(...tensors);
    const results = outputs.map((output) => output.dataSync());
    step?.dispose();
    tf.dispose([...tensors, ...outputs]);
    return results;
  }
}

/** Zeros on every side: as many as leave the images' sides as they are, where they are to be padded. */
function paddingOf({ padding, kernel }: Convolution): number {
  return padding === "VALID" ? 0 : (kernel - 1) / 2;
}
