/**
 * Paths that come from outside: from a stage, its process, a shared store or a lock file. One rule
 * says which of them may be joined to a folder, on every file system: none leads out of the folder,
 * hides in it, configures a tool there or means another file elsewhere.
 *
 * @module
 */

/** Names have at most 255 bytes on most file systems. */
const MAX_NAME_BYTES = 240;
/** Paths have at most 4096 bytes on Linux and 1024 on macOS, with the folder that they are joined to. */
const MAX_PATH_BYTES = 700;
const MAX_DEPTH = 16;

/** What Windows reserves, and what splits or hides names: controls, half characters, marks of direction. */
const FORBIDDEN = /[\\:*?"<>|\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const WINDOWS_DEVICE = /^(con|prn|aux|nul|(com|lpt)[0-9¹²³])(\.|$)/i;
/** The second name of a file on Windows: `GIT~1` is `.git`. */
const WINDOWS_SHORT_NAME = /~[0-9]/;

/** Why a path may not be joined to a folder; `null` if it may. Names are separated by slashes. */
export function pathFault(path: string): string | null {
  if (byteLength(path) > MAX_PATH_BYTES) return `it is longer than ${MAX_PATH_BYTES} bytes`;
  const names = path.split("/");
  if (names.length > MAX_DEPTH) return `it has more than ${MAX_DEPTH} levels`;
  for (const name of names) {
    const fault = nameFault(name);
    if (fault !== null) return fault;
  }
  return null;
}

function nameFault(name: string): string | null {
  if (name === "") return "it is absolute or has an empty name";
  const shown = JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}...` : name);
  if (name.startsWith(".")) return `its name ${shown} starts with a dot`;
  if (/^ |[ .]$/.test(name)) {
    return `its name ${shown} starts with a space, or ends with one or a dot`;
  }
  const forbidden = FORBIDDEN.exec(name)?.[0];
  if (forbidden !== undefined) return `its name ${shown} holds ${nameOf(forbidden)}`;
  if (WINDOWS_DEVICE.test(name)) return `its name ${shown} is a device's on Windows`;
  if (WINDOWS_SHORT_NAME.test(name)) return `its name ${shown} may be another file's on Windows`;
  if (byteLength(name) > MAX_NAME_BYTES) {
    return `its name ${shown} is longer than ${MAX_NAME_BYTES} bytes`;
  }
  return null;
}

function nameOf(character: string): string {
  const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  return /^[\x21-\x7e]$/.test(character) ? `"${character}"` : `U+${code}`;
}

/**
 * Two paths that cannot lie in one folder on every file system, as they differ in case or in the
 * composition of their characters only, or one is the other's folder; `null` if there are none.
 */
export function pathConflict(paths: Iterable<string>): readonly [string, string] | null {
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  for (const path of paths) {
    const folded = fold(path);
    const other = files.get(folded) ?? folders.get(folded);
    if (other !== undefined) return [other, path];
    files.set(folded, path);
    for (const folder of foldersOf(folded)) {
      const file = files.get(folder);
      if (file !== undefined) return [file, path];
      folders.set(folder, path);
    }
  }
  return null;
}

/** How file systems that ignore case and composition compare names. */
export function fold(path: string): string {
  return path.normalize("NFKC").toLowerCase().normalize("NFKC");
}

/** Every folder on the way to a path, the outermost first. */
function foldersOf(path: string): string[] {
  const names = path.split("/");
  return names.slice(1).map((_, i) => names.slice(0, i + 1).join("/"));
}

/** Longest name that is taken as it is, and longest beginning of another that is kept. */
const PLAIN_BYTES = 160;
const KEPT_LENGTH = 40;
const DIGEST = /-[0-9a-f]{16}$/;

/**
 * What a file or folder is called that belongs to something with a name of the user's choice, such
 * as an instance: its name, if {@link pathFault} has nothing against it and a suffix has room; else
 * a beginning of it and a digest. Different names get different results.
 */
export function pathName(name: string): string {
  const isPlain = !name.includes("/") && byteLength(name) <= PLAIN_BYTES && !DIGEST.test(name) &&
    pathFault(name) === null;
  if (isPlain) return name;
  const kept = name.slice(0, KEPT_LENGTH).replaceAll(/[^A-Za-z0-9@=,_+]/g, "_");
  // An import would cost every start, and few names need a digest.
  // deno-lint-ignore no-process-global
  const { createHash } = process.getBuiltinModule("node:crypto");
  return `${kept}-${createHash("sha256").update(name).digest("hex").slice(0, 16)}`;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
