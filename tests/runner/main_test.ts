import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { findLibrary } from "../../lib/tensorflow/install/library.ts";
import { instructionSets } from "./instruction_sets.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FIXTURES = "tests/runner/fixtures";

async function run(...args: string[]): Promise<{ code: number; text: string; error: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "tests/runner/main.ts", ...args],
    cwd: ROOT,
  }).output();
  const textOf = (bytes: Uint8Array) => stripVTControlCharacters(new TextDecoder().decode(bytes));
  return { code, text: textOf(stdout), error: textOf(stderr) };
}

Deno.test("a file that dies is named with its signal; the others run, and the sums come last", async () => {
  const { code, text } = await run(
    `${FIXTURES}/aborts.ts`,
    `${FIXTURES}/fails.ts`,
    `${FIXTURES}/passes.ts`,
  );
  assert.equal(code, 1);
  const end = text.trim().split("\n").slice(-3).map((line) => line.replace(/ \([^(]*\)$/, ""));
  const [died, fails] = end.slice(0, 2).sort();
  assert.ok(died.startsWith(`FAILED  ${FIXTURES}/aborts.ts was ended by SIGABRT`), died);
  assert.equal(fails, `FAILED  ${FIXTURES}/fails.ts: 1 passed, 1 failed`);
  const [, passed, failed] = /^(\d+) passed, (\d+) failed/.exec(end[2])!.map(Number);
  assert.ok(passed >= 3 && failed >= 2, end[2]);
  assert.ok(text.includes("it does not hold"), "what a failed file printed is shown");
});

Deno.test("tests that pass end with status 0; a filter chooses among them", async () => {
  const all = await run(`${FIXTURES}/passes.ts`);
  assert.deepEqual([all.code, /(\d+) passed, \d+ failed/.exec(all.text)?.[0]], [
    0,
    "2 passed, 0 failed",
  ]);
  const some = await run("--", `${FIXTURES}/passes.ts`, "--filter", "as well");
  assert.equal(some.code, 0);
  assert.match(some.text, /\n1 passed, 0 failed \(/);
});

Deno.test("a path without tests, and an unknown flag, are refused before anything runs", async () => {
  for (const [arg, told] of [["tests/none", /current value is "tests\/none"/], ["-x", /'-x'/]]) {
    const { code, text, error } = await run(arg as string);
    assert.equal(code, 2);
    assert.match(error, told as RegExp);
    assert.equal(text, "");
  }
});

Deno.test("a file with a wrong type is refused before anything runs", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/a_test.ts`, `export const x: number = "a";`);
    const { code, text, error } = await run(folder, `${FIXTURES}/passes.ts`);
    assert.equal(code, 1);
    assert.match(error, /TS2322/);
    assert.equal(text, "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const library = await findLibrary();

Deno.test({
  name: "a file that can load native code runs under each instruction set, and the sums say which",
  ignore: library === null,
  fn: async () => {
    const sets = await instructionSets();
    const { code, text } = await run(`${FIXTURES}/native.ts`, `${FIXTURES}/passes.ts`);
    assert.equal(code, 0);
    for (const { name, env } of sets) {
      assert.ok(text.includes(`native code ran under: ${name}\n`), text);
      const [limit] = Object.entries(env).map(([name, value]) => `${name}=${value} `);
      assert.ok(text.includes(`ok      ${limit ?? ""}${FIXTURES}/native.ts: 1 passed`), text);
    }
    assert.match(text, new RegExp(`\n${2 + sets.length} passed, 0 failed `));
  },
});
