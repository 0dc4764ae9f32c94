/**
 * The files that code is made of, each read once: what is parsed, bundled and digested is the same
 * bytes, whatever happens to the file meanwhile.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { SourceModule } from "./module_graph.ts";
import { parse, type Syntax } from "./syntax.ts";

/** Deno's own note at the end of a remote module's cached copy. */
const CACHE_NOTE = /\n\/\/ denoCacheMetadata=[^\n]*\n?$/;

/** Languages by Deno's names. */
const LANGUAGES: Readonly<Record<string, "js" | "jsx" | "ts" | "tsx">> = {
  JavaScript: "js",
  Mjs: "js",
  Cjs: "js",
  JSX: "jsx",
  TypeScript: "ts",
  Mts: "ts",
  Cts: "ts",
  TSX: "tsx",
};

/** The language of a module; `null` if it is data. */
export function languageOf({ mediaType }: SourceModule): "js" | "jsx" | "ts" | "tsx" | null {
  return LANGUAGES[mediaType ?? ""] ?? null;
}

/** Reads files, and remembers their bytes. */
export class Sources {
  readonly #bytes = new Map<string, Uint8Array<ArrayBuffer> | null>();
  readonly #digests = new Map<string, string>();
  readonly #syntax = new Map<string, Syntax>();

  /** The bytes of a file; `null` if it is not there. */
  bytes(path: string): Uint8Array<ArrayBuffer> | null {
    let bytes = this.#bytes.get(path);
    if (bytes === undefined) this.#bytes.set(path, bytes = readIfThere(path));
    return bytes;
  }

  /** SHA-256 of a file's bytes; empty if it is not there. */
  digest(path: string): string {
    let digest = this.#digests.get(path);
    if (digest === undefined) {
      const bytes = this.bytes(path);
      digest = bytes === null ? "" : createHash("sha256").update(bytes).digest("hex");
      this.#digests.set(path, digest);
    }
    return digest;
  }

  /** The content of a module. */
  content({ specifier, local }: SourceModule): Uint8Array<ArrayBuffer> {
    if (local === null) return dataOf(specifier);
    const bytes = this.bytes(local);
    if (bytes === null) throw new Deno.errors.NotFound(`Cannot read ${local}: it is not there`);
    if (!/^https?:/.test(specifier)) return bytes;
    // A byte is a character here, so that nothing but the note is changed.
    const note = CACHE_NOTE.exec(new TextDecoder("latin1").decode(bytes));
    return note ? bytes.slice(0, note.index) : bytes;
  }

  /** The text of a module. */
  text(module: SourceModule): string {
    return new TextDecoder().decode(this.content(module));
  }

  /** The tree of a module. @throws {Mistake} if it cannot be parsed. */
  syntax(module: SourceModule): Syntax {
    let syntax = this.#syntax.get(module.specifier);
    if (!syntax) {
      syntax = parse(this.text(module), languageOf(module) ?? "js");
      this.#syntax.set(module.specifier, syntax);
    }
    return syntax;
  }
}

function readIfThere(path: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Deno.readFileSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) {
      return null;
    }
    throw cause;
  }
}

function dataOf(address: string): Uint8Array<ArrayBuffer> {
  const [, isBase64, data] = /^data:[^,]*?(;base64)?,(.*)$/s.exec(address)!;
  const text = decodeURIComponent(data);
  return isBase64 ? Uint8Array.fromBase64(text) : new TextEncoder().encode(text);
}
