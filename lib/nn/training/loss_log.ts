/**
 * The losses of the last steps. They stay on the backend for a while, as reading one at a time
 * would make each step wait.
 *
 * @module
 */
import type { Tensor, Tfjs } from "../../tensorflow/runtime.ts";

/** Scalars that are read in one go. */
const PENDING = 64;

/** Training stopped because the loss is no longer finite. */
export class TrainingDivergedError extends Error {
  override readonly name = "TrainingDivergedError";
  /** The first step with a loss that is not finite, from 1. */
  readonly step: number;
  /** The losses before it. */
  readonly losses: readonly number[];

  constructor(step: number, loss: number, losses: readonly number[], learningRate: number) {
    const last = losses.slice(-8).map((value) => value.toPrecision(4)).join(", ");
    super(
      `Cannot go on training as the loss must be finite: current value is ${loss} at step ${step} ` +
        `(losses before: ${
          last || "none"
        }). Lower the learning rate (base value ${learningRate}), ` +
        `or give the schedule a warm-up`,
    );
    this.step = step;
    this.losses = losses;
  }
}

/** Collects losses, one a step, and keeps those of the last epoch. */
export class LossLog {
  readonly #tf: Tfjs;
  readonly #capacity: number;
  readonly #learningRate: number;
  #pending: Tensor[] = [];
  #losses: number[];
  #step: number;

  /**
   * @param options `capacity`: how many to keep; `step`: steps done before; `losses`: their last
   * losses; `learningRate`: the base value, for the message if training diverges.
   */
  constructor(
    tf: Tfjs,
    options: { capacity: number; learningRate: number; step: number; losses: Iterable<number> },
  ) {
    this.#tf = tf;
    this.#capacity = options.capacity;
    this.#learningRate = options.learningRate;
    this.#losses = [...options.losses];
    this.#step = options.step;
  }

  /** Takes over the loss of the next step. @throws {TrainingDivergedError} */
  async add(loss: Tensor): Promise<void> {
    this.#pending.push(loss);
    if (this.#pending.length >= PENDING) await this.read();
  }

  /** The losses of the last steps, at most the capacity. @throws {TrainingDivergedError} */
  async read(): Promise<Float32Array> {
    if (this.#pending.length > 0) {
      const stacked = this.#tf.stack(this.#pending);
      this.#release();
      const values = await stacked.data<"float32">();
      stacked.dispose();
      for (const value of values) this.#append(value);
    }
    return Float32Array.from(this.#losses);
  }

  /** Frees what is not read yet. */
  dispose(): void {
    this.#release();
  }

  #append(loss: number): void {
    this.#step++;
    if (!Number.isFinite(loss)) {
      throw new TrainingDivergedError(this.#step, loss, this.#losses, this.#learningRate);
    }
    this.#losses.push(loss);
    if (this.#losses.length > this.#capacity) this.#losses.shift();
  }

  #release(): void {
    this.#pending.forEach((loss) => loss.dispose());
    this.#pending = [];
  }
}
