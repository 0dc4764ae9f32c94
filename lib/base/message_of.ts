/**
 * What a thrown value says.
 *
 * @module
 */

/** The message of an error; anything else that was thrown, as text. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
