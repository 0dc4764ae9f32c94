/** A check whose process dies in native code while a process that it has started goes on. */
import type { Check } from "../../../../bench/gpu_check/check.ts";

const crashes: Check = ({ say }) => {
  const child = new Deno.Command("sleep", { args: ["600"] }).spawn();
  say(`started ${child.pid}`);
  console.error("free(): invalid pointer");
  const nowhere = new Deno.UnsafePointerView(Deno.UnsafePointer.create(8n)!);
  return Promise.resolve({
    findings: [{ what: "what is at address 8", value: nowhere.getInt8(), status: "ok" }],
  });
};

export default crashes;
