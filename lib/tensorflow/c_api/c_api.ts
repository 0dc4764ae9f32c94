/**
 * Calling TensorFlow's C API: opening the library, strings, and a status that turns into an error.
 *
 * @module
 */
import { messageOf } from "../../base/message_of.ts";
import { LIBC_SYMBOLS, TENSORFLOW_SYMBOLS } from "./symbols.ts";

/** A pointer of the C API. */
export type Pointer = Deno.PointerValue;

/** An error that TensorFlow reports through a `TF_Status`. */
export class TensorFlowError extends Error {
  override readonly name = "TensorFlowError";
  /** @param code The `TF_Code`, e.g. 3 for an invalid argument, 8 for memory that ran out. */
  constructor(message: string, readonly code: number) {
    super(message);
  }
}

/** The open library and one status that all synchronous calls share. */
export class CApi {
  readonly symbols: Deno.DynamicLibrary<typeof TENSORFLOW_SYMBOLS>["symbols"];
  readonly memory: Deno.DynamicLibrary<typeof LIBC_SYMBOLS>["symbols"];
  readonly status: Pointer;
  readonly version: string;

  /**
   * @param folder Holds `libtensorflow_cc.so.2` and `libtensorflow_framework.so.2`.
   * @throws {Error} if the library cannot be loaded, with the loader's message as its cause.
   */
  constructor(folder: string) {
    this.symbols = openLibrary(`${folder}/${LIBRARY_NAME}`, TENSORFLOW_SYMBOLS);
    this.memory = openLibrary(C_LIBRARY_NAME, LIBC_SYMBOLS);
    this.version = readCString(this.symbols.TF_Version());
    this.status = this.symbols.TF_NewStatus();
  }

  /** Throws what the shared status holds, if it is an error. `action` completes "Cannot …". */
  check(action: string): void {
    this.checkStatus(this.status, action);
  }

  /** As {@link CApi.check}, for a status of one's own. */
  checkStatus(status: Pointer, action: string): void {
    const code = this.symbols.TF_GetCode(status);
    if (code === 0) return;
    const message = readCString(this.symbols.TF_Message(status));
    throw new TensorFlowError(`Cannot ${action} as TensorFlow reports: ${message}`, code);
  }
}

const ON_MACOS = Deno.build.os === "darwin";
const LIBRARY_NAME = ON_MACOS ? "libtensorflow_cc.2.dylib" : "libtensorflow_cc.so.2";
const C_LIBRARY_NAME = ON_MACOS ? "/usr/lib/libSystem.B.dylib" : "libc.so.6";

function openLibrary<const S extends Deno.ForeignLibraryInterface>(path: string, symbols: S) {
  try {
    return Deno.dlopen(path, symbols).symbols;
  } catch (cause) {
    throw new Error(
      `Cannot open ${path} as a native library: ${messageOf(cause)}`,
      { cause },
    );
  }
}

/** The text at a `const char*`. */
export function readCString(pointer: Pointer): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

const encoder = new TextEncoder();
const interned = new Map<string, Uint8Array<ArrayBuffer>>();

/** `text` with a final NUL, outside V8's heap. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  const bytes = encoder.encode(text);
  const terminated = new Uint8Array(new ArrayBuffer(bytes.length + 1));
  terminated.set(bytes);
  return terminated;
}

/** As {@link cString}, made once: for the names of operations and attributes, which are few. */
export function internedCString(text: string): Uint8Array<ArrayBuffer> {
  let bytes = interned.get(text);
  if (bytes === undefined) interned.set(text, bytes = cString(text));
  return bytes;
}
