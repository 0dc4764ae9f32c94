/**
 * The error for archives that are damaged, hostile or not what they should be.
 *
 * Archives come from the network or from a user, so nothing in them is trusted: names are only
 * compared, never used as paths; sizes are checked before memory is taken.
 *
 * @module
 */
import { messageOf } from "../../base/message_of.ts";

/** An archive whose content cannot be used; the message names the archive, the entry and why. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";

  /**
   * @param archive path of the archive
   * @param problem what is wrong, with the requirement and the value found
   */
  constructor(readonly archive: string, problem: string, options?: ErrorOptions) {
    super(
      `Cannot read ${archive} as ${problem}. Remove the file to fetch it again, or correct 'source'`,
      options,
    );
  }
}

/** An {@linkcode ArchiveError} as it is, anything else as the cause of one. */
export function toArchiveError(archive: string, error: unknown): ArchiveError {
  if (error instanceof ArchiveError) return error;
  const reason = messageOf(error);
  return new ArchiveError(archive, `its format is damaged or not the expected one (${reason})`, {
    cause: error,
  });
}

/**
 * Checks the name of an entry and brings it to the form without a leading `./`.
 *
 * No entry is ever written under its name; a name that would escape is refused all the same,
 * because no honest archive has one.
 *
 * @throws {ArchiveError} if the name is absolute, climbs, or has a backslash or a control character
 */
export function safeEntryName(archive: string, name: string): string {
  const plain = name.replace(/^(\.\/)+/, "");
  const absolute = /^(\/|[A-Za-z]:)/.test(plain);
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  if (absolute || /[\\\u0000-\u001f]/.test(plain) || plain.split("/").includes("..")) {
    throw new ArchiveError(
      archive,
      `entries must stay inside the archive: current name is ${JSON.stringify(name)}`,
    );
  }
  return plain;
}
