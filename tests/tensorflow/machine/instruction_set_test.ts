import assert from "node:assert/strict";
import { instructionSet } from "../../../lib/tensorflow/machine/instruction_set.ts";
import { findLibrary } from "../../../lib/tensorflow/install/library.ts";

const library = await findLibrary();

Deno.test({
  name: "oneDNN tells the instruction set that it uses, and keeps to a limit",
  ignore: library === null || Deno.build.arch !== "x86_64",
  fn: async () => {
    const { folder } = library!;
    assert.match(await instructionSet(folder) ?? "", /SSE4\.1|AVX/);
    assert.equal(await instructionSet(folder, "SSE41"), "Intel SSE4.1");
  },
});

Deno.test("a folder without the library tells no instruction set", async () => {
  assert.equal(await instructionSet("/no/such/folder"), null);
});
