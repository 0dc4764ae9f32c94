/**
 * Keeps `tf.Variable`s out of recordings, in which only variables of the runtime may change.
 *
 * @module
 */
import type { NativeBackend } from "./backend.ts";
import type { Tensor } from "../runtime.ts";

/**
 * The `tf.Variable`s before a recording: their values would be frozen in it, and assignments would
 * leave them with tensors that do not exist.
 */
export class TfVariableGuard {
  readonly #before: ReadonlyMap<string, { readonly variable: Tensor; readonly id: number }>;

  constructor(private readonly backend: NativeBackend) {
    this.#before = new Map(
      Object.entries(backend.tf.engine().registeredVariables).map(([name, variable]) => [
        name,
        { variable, id: backend.ids([variable])[0] },
      ]),
    );
  }

  /** Names of the variables by the ids of their values. */
  get names(): ReadonlyMap<number, string> {
    return new Map([...this.#before].map(([name, { id }]) => [id, name]));
  }

  requireUntouched(): void {
    for (const [name, { variable, id }] of this.#before) {
      if (variable.isDisposed || this.backend.data(variable).id !== id) {
        throw new Error(
          `the tf.Variable ${name} was assigned or disposed, which only runtime.variable allows`,
        );
      }
    }
    for (const name of Object.keys(this.backend.tf.engine().registeredVariables)) {
      if (!this.#before.has(name)) {
        throw new Error(`the tf.Variable ${name} was made inside and not disposed`);
      }
    }
  }

  /** Gives assigned variables their values back, disposes new ones; returns the ids in use. */
  restore(): ReadonlySet<number> {
    const { tf } = this.backend;
    for (const [name, variable] of Object.entries(tf.engine().registeredVariables)) {
      if (!this.#before.has(name)) variable.dispose();
    }
    const kept = [...this.#before.values()].filter(({ variable }) => !variable.isDisposed);
    for (const { variable, id } of kept) this.backend.data(variable).id = id;
    return new Set(kept.map(({ id }) => id));
  }
}
