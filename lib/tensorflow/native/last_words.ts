/**
 * Notes what TensorFlow is given, so that a crash inside of it can be told. The notes are memory
 * that is mapped to a file: the system keeps them whatever ends the process, and one costs no call.
 *
 * @module
 */
import { LAST_WORDS_VARIABLE } from "../../base/last_words.ts";
import { type Attribute, AttributeKind, type AttributeValue } from "../c_api/attribute.ts";
import { type CApi, cString } from "../c_api/c_api.ts";
import { dataTypeName } from "../c_api/data_types.ts";

/** A longer note is cut. */
const NOTE_BYTES = 2048;

/** `O_RDWR`, `PROT_READ | PROT_WRITE` and `MAP_SHARED` of Linux and macOS. */
const READ_WRITE = 2, READABLE_WRITABLE = 3, SHARED = 1;
/** `MAP_FAILED`. */
const FAILED = 2n ** 64n - 1n;

/** Two notes: what the library was given on this thread, and what runs on another one. */
export class LastWords {
  /** Where this process is asked for last words, and the system maps files. */
  static fromEnvironment(memory: CApi["memory"]): LastWords | null {
    const path = Deno.env.get(LAST_WORDS_VARIABLE);
    if (path === undefined) return null;
    Deno.writeFileSync(path, new Uint8Array(2 * NOTE_BYTES));
    const bytes = mapFile(path, 2 * NOTE_BYTES, memory);
    return bytes && new LastWords(bytes);
  }

  readonly #given: Note;
  readonly #running: Note;

  private constructor(bytes: Uint8Array) {
    this.#given = new Note(bytes.subarray(0, NOTE_BYTES));
    this.#running = new Note(bytes.subarray(NOTE_BYTES));
  }

  /** Notes a call that is about to be made. */
  given(words: string): void {
    this.#given.write(`TensorFlow runs ${words}`);
  }

  /** Notes a call that goes on while others are made. */
  running(words: string): void {
    this.#running.write(`TensorFlow runs ${words} on another thread`);
  }

  /** Takes the last {@link running} back. */
  ended(): void {
    this.#running.write("");
  }
}

const encoder = new TextEncoder();

/** A text with NULs behind it. */
class Note {
  constructor(private readonly bytes: Uint8Array) {}

  write(text: string): void {
    const { written } = encoder.encodeInto(text, this.bytes.subarray(0, -1));
    this.bytes.fill(0, written);
  }
}

function mapFile(path: string, size: number, memory: CApi["memory"]): Uint8Array | null {
  const file = memory.openFile(cString(path), READ_WRITE);
  if (file < 0) return null;
  const address = memory.mapFile(null, BigInt(size), READABLE_WRITABLE, SHARED, file, 0n);
  memory.closeFile(file);
  if (address === null || Deno.UnsafePointer.value(address) === FAILED) return null;
  return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(address, size));
}

/** An operation in one line: `MatMul float32[2,3] float32[3,4] transpose_a=false`. */
export function operationInWords(
  name: string,
  attributes: readonly Attribute[],
  inputs: readonly { readonly dtype: number; readonly shape: readonly number[] }[],
): string {
  let words = name;
  for (const { dtype, shape } of inputs) words += ` ${dataTypeName(dtype)}[${shape}]`;
  for (const { name, type, value } of attributes) words += ` ${name}=${valueInWords(type, value)}`;
  return words;
}

function valueInWords(type: number, value: AttributeValue): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === "object") return `[${value}]`;
  return type === AttributeKind.type ? dataTypeName(value as number) : String(value);
}
