/** A check that finds something, after it has said something and a library has printed something. */
import type { Check } from "../../../../bench/gpu_check/check.ts";

const passes: Check = ({ scale, say }) => {
  say("computing");
  console.log("I0000 a native library's line");
  console.log(JSON.stringify({ type: "of another" }));
  return Promise.resolve({
    findings: [
      { what: "size", value: scale, status: "note" },
      { what: "variable", value: Deno.env.get("GPU_CHECK_TEST") ?? "unset", status: "note" },
    ],
  });
};

export default passes;
