/** The search of `deno task library-check` in small: what the networks' operations give the library. */
import { strict as assert } from "node:assert";
import { type Case, type Convolution, describe } from "../../../tools/library_check/case.ts";
import { runChild } from "../../../tools/library_check/child_process.ts";
import { casesIn } from "../../../tools/library_check/grid.ts";
import { search } from "../../../tools/library_check/search.ts";
import { libraryFolder } from "../../tensorflow/native_library.ts";

/** Where oneDNN 3.7.3 writes past its workspace, under AVX2 or under AVX-512: docs/onednn.md. */
const STRIDED_POINTWISE: readonly Case[] = [1, 5].flatMap((images) =>
  [6, 16, 64].flatMap((side) =>
    [1, 3, 4, 7, 8, 15, 16].map((inputs): Convolution => ({
      operation: "convolution",
      precision: "float32",
      images,
      side,
      inputs,
      outputs: 16,
      kernel: 1,
      stride: 2,
      padding: "VALID",
    }))
  )
);

const CASES: readonly Case[] = [
  ...STRIDED_POINTWISE,
  ...casesIn({ operation: "convolution", from: 0, to: 300 }),
  ...casesIn({ operation: "product", from: 0, to: 100 }),
].filter(({ precision }) => precision === "float32");

for (const threads of [1, 2]) {
  for (const way of ["eager", "recorded"] as const) {
    Deno.test({
      name: `the networks' operations, ${way}, on ${threads} thread(s), neither corrupt memory ` +
        "nor have wrong values",
      ignore: libraryFolder === null,
      fn: async () => {
        const setting = { folder: libraryFolder!, way, threads };
        const cases = way === "recorded" ? CASES.slice(0, 120) : CASES;
        const { findings } = await search(cases, (some) => runChild(some, setting));
        const lines = findings.map(({ asked, problem }) => `${describe(asked)}: ${problem}`);
        assert.deepEqual(lines, []);
      },
    });
  }
}
