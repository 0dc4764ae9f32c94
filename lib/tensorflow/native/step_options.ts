/**
 * Whether a device computes steps in bfloat16, and compiles them with XLA: found out by small ones.
 * Where a processor has no bfloat16, TensorFlow computes in float32 and says nothing, or oneDNN, the
 * library behind it, ends the process at the first matrix product.
 *
 * @module
 */
import type { Runtime, StepOptions, Tensor } from "../runtime.ts";

/** Relative errors above this are bfloat16's, which has 8 bits; float32 has 24. */
const ROUNDED = 2 ** -12;
/** More is not rounding. */
const LARGEST_ROUNDING = 2 ** -5;

/** What is tried for an option, and what is made of it. */
interface Trial {
  readonly options: StepOptions;
  /** Completes "Cannot run the step". */
  readonly how: string;
  /** What is wrong about results of this relative error; null if nothing is. */
  readonly complaint: (error: number) => string | null;
  readonly remedy: string;
}

const BFLOAT16: Trial = {
  options: { precision: "bfloat16" },
  how: "in bfloat16",
  complaint: (error) => {
    if (!(error <= LARGEST_ROUNDING)) return `a trial is off by ${error}`;
    return error >= ROUNDED ? null : "a trial comes out in float32";
  },
  remedy: "Set `precision: float32`",
};

const XLA: Trial = {
  options: { xla: true },
  how: "compiled by XLA",
  complaint: (error) => error < ROUNDED ? null : `a trial is off by ${error}`,
  remedy: "Set `xla: false`",
};

/** Why an option is not served. */
interface Refusal {
  readonly finding: string;
  readonly cause?: unknown;
}

/** Finds out, once per runtime, which options its device serves. */
export class StepOptionChecks {
  readonly #refusals = new Map<Trial, Refusal | null>();

  /** @param makeStep Makes a step without asking here. */
  constructor(
    private readonly runtime: Pick<Runtime, "tf" | "ops" | "info">,
    private readonly makeStep: Runtime["step"],
  ) {}

  /** @throws {Error} if the device does not serve what is asked of a step. */
  require(name: string, { precision, xla }: StepOptions): void {
    if (precision === "bfloat16") this.#require(name, BFLOAT16);
    if (xla) this.#require(name, XLA);
  }

  #require(name: string, trial: Trial): void {
    let refusal = this.#refusals.get(trial);
    if (refusal === undefined) this.#refusals.set(trial, refusal = this.#try(trial));
    if (refusal === null) return;
    const { finding, cause } = refusal;
    throw new Error(
      `Cannot run the step ${name} ${trial.how} as the device must be capable of it: ` +
        `on ${this.runtime.info.device}, ${finding}. ${trial.remedy}`,
      { cause },
    );
  }

  #try({ options, complaint }: Trial): Refusal | null {
    try {
      const finding = complaint(relativeError(this.#convolve(options), this.#convolve({})));
      return finding === null ? null : { finding };
    } catch (cause) {
      return { finding: "a trial fails", cause };
    }
  }

  /** A convolution: oneDNN reports the lack of its kernel as an error, that of a product as the end. */
  #convolve(options: StepOptions): Float32Array {
    const { tf, ops } = this.runtime;
    const body = (images: Tensor, filter: Tensor) => [ops.conv2d(images, filter, { padding: 1 })];
    const step = this.makeStep("trial", body, options);
    try {
      return tf.tidy(() => {
        const images = tf.tensor(wave(2 * 8 * 8 * 8), [2, 8, 8, 8]);
        const filter = tf.tensor(wave(3 * 3 * 8 * 8), [3, 3, 8, 8]);
        return step.run(images, filter)[0].dataSync<"float32">();
      });
    } finally {
      step.dispose();
    }
  }
}

/** Values between -1 and 1 that use all bits of a float32. */
function wave(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(1.3 * i + 0.1 * i * i));
}

/** The root mean square of the difference over that of the values. */
function relativeError(actual: Float32Array, expected: Float32Array): number {
  let errors = 0, squares = 0;
  for (let i = 0; i < expected.length; i++) {
    errors += (actual[i] - expected[i]) ** 2;
    squares += expected[i] ** 2;
  }
  return Math.sqrt(errors / squares);
}
