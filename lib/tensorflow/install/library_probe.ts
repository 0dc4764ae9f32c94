/**
 * A program that asks a TensorFlow library for its version and whether it has GPU kernels, and
 * prints the answer as JSON. It runs in a process of its own, because a process that loads the
 * library without making a context crashes at its regular exit.
 *
 * @module
 */
import { messageOf } from "../../base/message_of.ts";

/** What the library says of itself. */
export interface LibraryAnswer {
  readonly version: string;
  readonly gpu: boolean;
}

/** What this program prints: the answer, or why there is none. */
export type ProbeOutput = LibraryAnswer | { readonly problem: string };

function ask(path: string): LibraryAnswer {
  const { symbols } = Deno.dlopen(path, {
    TF_Version: { parameters: [], result: "pointer" },
    TF_NewStatus: { parameters: [], result: "pointer" },
    TF_GetRegisteredKernelsForOp: { parameters: ["buffer", "pointer"], result: "pointer" },
  });
  const version = new Deno.UnsafePointerView(symbols.TF_Version()!).getCString();
  const name = new TextEncoder().encode("MatMul\0");
  const list = symbols.TF_GetRegisteredKernelsForOp(name, symbols.TF_NewStatus());
  return { version, gpu: bufferText(list!).includes("GPU") };
}

/** The text of a TF_Buffer { const void* data; size_t length; … }, here a serialised KernelList. */
function bufferText(buffer: Deno.PointerObject): string {
  const view = new Deno.UnsafePointerView(buffer);
  const data = view.getPointer(0);
  if (data === null) return "";
  const bytes = new Deno.UnsafePointerView(data).getArrayBuffer(Number(view.getBigUint64(8)));
  return new TextDecoder("latin1").decode(bytes);
}

function answerOrProblem(path: string): ProbeOutput {
  try {
    return ask(path);
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

if (import.meta.main) {
  console.log(JSON.stringify(answerOrProblem(Deno.args[0])));
  Deno.exit(0);
}
