import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isAlive } from "../pipeline/processes.ts";
import { type Outcome, runTestFile, type TestProcessOptions } from "./test_process.ts";

/** Runs a file of `fixtures/`; by default it may take as long as it likes. */
function fixture(
  name: string,
  { filter, ...options }: { filter?: string } & Partial<TestProcessOptions> = {},
): Promise<Outcome> {
  const file = fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
  return runTestFile({ file, filter }, { signal: new AbortController().signal, ...options });
}

/** Deno's reporter may not get as far as the test in which a process dies. */
function assertFailed({ failed, problem }: Outcome, expected: RegExp): void {
  assert.ok(failed >= 1);
  assert.match(problem!, expected);
}

Deno.test("a file whose process dies tells the signal, and what the process printed", async () => {
  const outcome = await fixture("aborts");
  assertFailed(outcome, /^was ended by SIGABRT/);
  assert.match(outcome.output, /corrupted double-linked list/);
});

Deno.test("a file whose process dies after its tests has failed", async () => {
  assertFailed(await fixture("crashes_at_the_end"), /^was ended by SIGABRT/);
});

Deno.test("a file that exits with status 0 in the middle has failed", async () => {
  assertFailed(await fixture("exits"), /^ended with status 0 before its tests did/);
});

Deno.test("a file that exits with status 0 as it is loaded has failed", async () => {
  assertFailed(await fixture("exits_early"), /^ended with status 0 before it defined a test$/);
});

Deno.test("a file that hangs is killed, with what it started", async () => {
  const enough = new AbortController();
  const outcome = await fixture("hangs", {
    signal: enough.signal,
    onOutput: (text) => void (text.includes("started") && enough.abort()),
  });
  assertFailed(outcome, /^was killed after [\d.]+ /);
  const started = Number(/started (\d+)/.exec(outcome.output)?.[1]);
  assert.ok(started > 0, outcome.output);
  assert.equal(isAlive(started), false);
});

Deno.test("a failing test is no problem of its file", async () => {
  const { passed, failed, problem, output } = await fixture("fails");
  assert.deepEqual([passed, failed, problem], [1, 1, null]);
  assert.match(output, /it does not hold/);
});

Deno.test("a filter that matches no test of a file is no problem of the file", async () => {
  const { passed, failed, problem } = await fixture("passes", { filter: "no such" });
  assert.deepEqual([passed, failed, problem], [0, 0, null]);
});
