/**
 * The program in which one check runs. Its argument is a {@link ChildTask} as JSON; it prints
 * {@link ChildMessage}s, one a line.
 *
 * @module
 */
import { messageOf } from "../../lib/base/message_of.ts";
import type { Check, CheckResult, Scale } from "./check.ts";

/** What the program is told. */
export interface ChildTask {
  readonly module: string;
  readonly scale: Scale;
}

/** What it answers. */
export type ChildMessage =
  | { readonly type: "said"; readonly text: string }
  | { readonly type: "done"; readonly result: CheckResult }
  | { readonly type: "failed"; readonly message: string };

if (import.meta.main) {
  const { module, scale }: ChildTask = JSON.parse(Deno.args[0]);
  const send = (message: ChildMessage) => console.log(JSON.stringify(message));
  try {
    const { default: check }: { default: Check } = await import(module);
    const result = await check({ scale, say: (text) => send({ type: "said", text }) });
    send({ type: "done", result });
  } catch (error) {
    send({ type: "failed", message: messageOf(error) });
  }
  // A native library may not end well, and what it has computed is told by now.
  Deno.exit(0);
}
