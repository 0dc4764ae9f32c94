/**
 * The loss of a batch. Letters: N images, C classes.
 *
 * @module
 */
import type { Scalar } from "@tensorflow/tfjs-core";
import type { Tensor, Tfjs } from "../../tensorflow/runtime.ts";

/** Which loss is minimised. */
export type LossConfig =
  /**
   * Mean squared error against one-hot labels, the mean over batch and classes, times `scale`.
   * With Adam, which is nearly invariant to the loss's scale, C in place of 1 only moves the
   * gradients away from epsilon.
   */
  | { readonly kind: "mse"; /** @default {1} */ readonly scale?: number }
  /** Cross-entropy of softmax, the mean over the batch. */
  | { readonly kind: "cross-entropy" };

/**
 * The loss of outputs against targets, a scalar.
 *
 * @param outputs [N,C]
 * @param targets [N,C], one-hot or a blend of one-hot rows.
 */
export function computeLoss(
  tf: Tfjs,
  config: LossConfig,
  outputs: Tensor,
  targets: Tensor,
): Scalar {
  switch (config.kind) {
    case "mse": {
      const loss = tf.mean<Scalar>(tf.square(tf.sub(outputs, targets)));
      return config.scale === undefined ? loss : tf.mul(loss, config.scale);
    }
    case "cross-entropy": {
      const perImage = tf.sum(tf.mul(targets, tf.logSoftmax(outputs)), 1);
      return tf.neg(tf.mean<Scalar>(perImage));
    }
  }
}
