/**
 * What a shared store holds and should not.
 *
 * @module
 */

/** Data of a shared store that are not what they should be. */
export class DamageError extends Error {
  override readonly name = "DamageError";
}
