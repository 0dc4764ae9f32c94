/**
 * The matrix product of a numerical backend, for the measures.
 *
 * @module
 */
import type { Runtime } from "../tensorflow/runtime.ts";
import type { MatMul } from "./matrix.ts";

/** The backend's product of host arrays. */
export function runtimeMatMul({ tf }: Pick<Runtime, "tf">): MatMul {
  return async (a, b, { m, k, n }) => {
    const product = tf.tidy(() =>
      tf.matMul(tf.tensor2d(a, [m, k]), tf.tensor2d(b, [n, k]), false, true)
    );
    const values = await product.data<"float32">();
    product.dispose();
    return values;
  };
}
