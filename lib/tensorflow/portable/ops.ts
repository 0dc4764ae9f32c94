/**
 * The operations of the networks by plain TensorFlow.js, for WebGPU and WASM.
 *
 * @module
 */
import type { GradSaveFunc, Tensor4D } from "@tensorflow/tfjs-core";
import type {
  AdamMoments,
  AdamRate,
  BatchNormOptions,
  ConvOptions,
  Ops,
  Tensor,
  Tfjs,
  Variable,
} from "../runtime.ts";

/** {@link Ops} by compositions of TensorFlow.js's operations. */
export class PortableOps implements Ops {
  constructor(private readonly tf: Tfjs) {}

  conv2d(x: Tensor, filter: Tensor, { stride = 1, padding = 0 }: ConvOptions = {}): Tensor {
    return this.tf.conv2d(x as Tensor4D, filter as Tensor4D, stride, padding);
  }

  relu(x: Tensor): Tensor {
    return this.tf.relu(x);
  }

  /** With a gradient of its own: that of the WASM backend is wrong in some places (tfjs 4.22). */
  maxPool2x2(x: Tensor): Tensor {
    const { tf } = this;
    const pool = tf.customGrad((...args) => {
      const [x, save] = args as unknown as [Tensor4D, GradSaveFunc];
      const y = tf.maxPool(x, 2, 2, "valid");
      save([x, y]);
      return {
        value: y,
        gradFunc: (dy: Tensor, [x, y]: Tensor[]) => this.#maxPoolGradient(dy, x, y),
      };
    });
    return pool(x);
  }

  batchNormTraining(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    mean: Variable,
    variance: Variable,
    { epsilon = 1e-5, momentum = 0.1 }: BatchNormOptions = {},
  ): Tensor {
    const { tf } = this;
    const count = x.size / gamma.size;
    const normalise = tf.customGrad((...args) => {
      const [x, gamma, beta, save] = args as unknown as [Tensor, Tensor, Tensor, GradSaveFunc];
      const batchMean = this.#channelMeans(x);
      const centred = tf.sub(x, batchMean);
      const batchVariance = this.#channelMeans(tf.square(centred));
      this.#follow(mean, batchMean, momentum);
      this.#follow(variance, tf.mul(batchVariance, count / (count - 1)), momentum);
      const inverseDeviation = tf.rsqrt(tf.add(batchVariance, epsilon));
      save([centred, gamma, inverseDeviation]);
      return {
        value: tf.add(tf.mul(centred, tf.mul(gamma, inverseDeviation)), beta),
        gradFunc: (dy: Tensor, saved: Tensor[]) => this.#batchNormGradients(dy, saved),
      };
    });
    return normalise(x, gamma, beta);
  }

  batchNormInference(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    mean: Tensor,
    variance: Tensor,
    { epsilon = 1e-5 }: BatchNormOptions = {},
  ): Tensor {
    const { tf } = this;
    return tf.tidy(() => {
      const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
      return tf.add(tf.mul(x, scale), tf.sub(beta, tf.mul(mean, scale)));
    });
  }

  scaleImages(images: Tensor): Tensor {
    return this.tf.tidy(() => this.tf.div(this.tf.cast(images, "float32"), 255));
  }

  applyAdam(parameter: Variable, moments: AdamMoments, gradient: Tensor, rate: AdamRate): void {
    const { tf } = this;
    tf.tidy(() => {
      const { beta1, beta2, epsilon, learningRate, beta1Power, beta2Power } = rate;
      const first = this.#blend(moments.first, gradient, beta1);
      const second = this.#blend(moments.second, tf.square(gradient), beta2);
      const deviation = tf.sqrt(tf.div(second, tf.sub(1, beta2Power)));
      const size = tf.div(learningRate, tf.sub(1, beta1Power));
      const change = tf.div(tf.mul(first, size), tf.add(deviation, epsilon));
      parameter.assign(tf.sub(parameter.read(), change));
    });
  }

  applyMomentum(
    parameter: Variable,
    velocity: Variable,
    gradient: Tensor,
    rate: { learningRate: Tensor; momentum: number },
  ): void {
    const { tf } = this;
    tf.tidy(() => {
      const next = tf.add(tf.mul(velocity.read(), rate.momentum), gradient);
      velocity.assign(next);
      parameter.assign(tf.sub(parameter.read(), tf.mul(next, rate.learningRate)));
    });
  }

  /**
   * Gradients of batch normalisation with respect to x, gamma and beta (Ioffe and Szegedy 2015,
   * section 3), with the means over the batch taken out of the elements.
   */
  #batchNormGradients(dy: Tensor, [centred, gamma, inverseDeviation]: Tensor[]): Tensor[] {
    const { tf } = this;
    const count = dy.size / gamma.size;
    const mean = this.#channelMeans(dy);
    const product = this.#channelMeans(tf.mul(dy, centred));
    const scale = tf.mul(gamma, inverseDeviation);
    const slope = tf.mul(tf.square(inverseDeviation), product);
    const inner = tf.sub(tf.sub(dy, mean), tf.mul(centred, slope));
    return [
      tf.mul(inner, scale),
      tf.mul(tf.mul(product, inverseDeviation), count),
      tf.mul(mean, count),
    ];
  }

  /** Gives dy [N,P,Q,C] to the first maximum of each window, as PyTorch does. */
  #maxPoolGradient(dy: Tensor, x: Tensor, y: Tensor): Tensor {
    const { tf } = this;
    const [images, rows, columns, channels] = y.shape;
    // Windows side by side: axis 1 is the row inside a window, the column leads the channels.
    const windows = tf.reshape(x, [images * rows, 2, columns, 2 * channels]) as Tensor4D;
    const shape = [images * rows, 1, columns, channels] as [number, number, number, number];
    const [maxima, gradients] = [tf.reshape(y, shape), tf.reshape(dy, shape)];
    let free: Tensor = tf.onesLike(maxima);
    const parts = [[0, 0], [0, channels], [1, 0], [1, channels]].map(([row, channel]) => {
      const values = tf.slice(windows, [0, row, 0, channel], shape);
      const below = tf.step(tf.sub(maxima, values));
      const chosen = tf.sub(free, tf.mul(free, below));
      free = tf.mul(free, below);
      return tf.mul(gradients, chosen);
    });
    const pairs = [tf.concat(parts.slice(0, 2), 3), tf.concat(parts.slice(2), 3)];
    return tf.reshape(tf.concat(pairs, 1), x.shape);
  }

  /**
   * Means of x [N,H,W,C] by channel, by average pooling: on WASM 4 to 40 times faster than
   * `tf.sum` over the three axes. First over positions, then over images: two short sums round less than a long one.
   */
  #channelMeans(x: Tensor): Tensor {
    const [images, rows, columns, channels] = x.shape;
    const byImage = this.#pooledMean(x as Tensor4D, [rows, columns]);
    const asRows = this.tf.reshape(byImage, [1, images, 1, channels]) as Tensor4D;
    return this.tf.reshape(this.#pooledMean(asRows, [images, 1]), [channels]);
  }

  /** The mean over windows of a size; windows of one element are a special case to the kernel. */
  #pooledMean(x: Tensor4D, window: [number, number]): Tensor4D {
    return window[0] * window[1] === 1 ? x : this.tf.avgPool(x, window, 1, "valid");
  }

  /** Moves a running statistic towards the batch's. */
  #follow(statistic: Variable, batch: Tensor, momentum: number): void {
    this.#blend(statistic, batch, 1 - momentum);
  }

  /** Sets a variable to weight * variable + (1 - weight) * value, and returns that. */
  #blend(variable: Variable, value: Tensor, weight: number): Tensor {
    const { tf } = this;
    const next = tf.add(tf.mul(variable.read(), weight), tf.mul(value, 1 - weight));
    variable.assign(next);
    return next;
  }
}
