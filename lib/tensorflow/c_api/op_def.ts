/**
 * The parts of an operation's definition that building a graph node takes, read from its `OpDef`
 * protocol buffer (tensorflow/core/framework/op_def.proto).
 *
 * @module
 */
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { type CApi, internedCString, type Pointer } from "./c_api.ts";

/** What is known of an operation. */
export interface OpDef {
  /** Its inputs; a list input names the attribute that counts it, or lists its types. */
  readonly inputs: readonly { readonly countAttribute?: string; readonly isList: boolean }[];
  readonly attributes: ReadonlySet<string>;
  /** Whether it has an effect, or results that differ from call to call. */
  readonly isStateful: boolean;
}

/** Looks operations up in a graph's registry, each once. */
export class OpDefs {
  readonly #known = new Map<string, OpDef>();

  constructor(private readonly api: CApi) {}

  /** @throws {TensorFlowError} if TensorFlow does not know the operation. */
  get(graph: Pointer, name: string): OpDef {
    let definition = this.#known.get(name);
    if (definition === undefined) {
      definition = parseOpDef(readOpDef(this.api, graph, name));
      this.#known.set(name, definition);
    }
    return definition;
  }
}

function readOpDef(api: CApi, graph: Pointer, name: string): Uint8Array {
  const { symbols, status } = api;
  const buffer = symbols.TF_NewBuffer();
  try {
    symbols.TF_GraphGetOpDef(graph, internedCString(name), buffer, status);
    api.check(`look up the operation ${name}`);
    const view = new Deno.UnsafePointerView(buffer!); // TF_Buffer { void* data; size_t length; … }
    const data = view.getPointer(0)!;
    const length = Number(view.getBigUint64(8));
    return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, length).slice(0));
  } finally {
    symbols.TF_DeleteBuffer(buffer);
  }
}

/** Field numbers of `OpDef`, `OpDef.ArgDef` and `OpDef.AttrDef`. */
const INPUT_ARG = 2, ATTR = 4, IS_STATEFUL = 17;
const NUMBER_ATTR = 5, TYPE_LIST_ATTR = 6;
const ATTR_NAME = 1;

/** Parses the bytes of an `OpDef`. */
export function parseOpDef(bytes: Uint8Array): OpDef {
  const inputs: OpDef["inputs"][number][] = [];
  const attributes = new Set<string>();
  let isStateful = false;
  const reader = new BinaryReader(bytes);
  for (const field of fieldsOf(reader)) {
    if (field === INPUT_ARG) inputs.push(parseInput(reader.bytes()));
    if (field === ATTR) attributes.add(parseName(reader.bytes()));
    if (field === IS_STATEFUL) isStateful = reader.bool();
  }
  return { inputs, attributes, isStateful };
}

function parseInput(bytes: Uint8Array): OpDef["inputs"][number] {
  const reader = new BinaryReader(bytes);
  for (const field of fieldsOf(reader)) {
    if (field === NUMBER_ATTR) return { isList: true, countAttribute: reader.string() };
    if (field === TYPE_LIST_ATTR) return { isList: true };
  }
  return { isList: false };
}

function parseName(bytes: Uint8Array): string {
  const reader = new BinaryReader(bytes);
  for (const field of fieldsOf(reader)) if (field === ATTR_NAME) return reader.string();
  return "";
}

/** The numbers of a message's fields; skips the values that are not read before the next one. */
function* fieldsOf(reader: BinaryReader): Generator<number> {
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    const start = reader.pos;
    yield field;
    if (reader.pos === start) reader.skip(type, field);
  }
}
