import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isAlive } from "../pipeline/processes.ts";
import { type Outcome, runTestFile } from "./test_process.ts";

function fixture(name: string, limitSeconds = 60): Promise<Outcome> {
  const file = fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
  return runTestFile({ file }, { limitSeconds });
}

const countsOf = ({ passed, failed, ignored, problem }: Outcome) => ({
  passed,
  failed,
  ignored,
  problem,
});

Deno.test("a file whose process dies tells the signal and the test; what did not pass failed", async () => {
  const outcome = await fixture("aborts");
  assert.deepEqual(countsOf(outcome), {
    passed: 2,
    failed: 3,
    ignored: 1,
    problem: 'was ended by SIGABRT in "dies"',
  });
  assert.match(outcome.output, /corrupted double-linked list/);
});

Deno.test("a file whose process dies after its tests has failed", async () => {
  assert.deepEqual(countsOf(await fixture("crashes_at_the_end")), {
    passed: 1,
    failed: 1,
    ignored: 0,
    problem: "was ended by SIGABRT",
  });
});

Deno.test("a file that exits with status 0 in the middle has failed", async () => {
  assert.deepEqual(countsOf(await fixture("exits")), {
    passed: 1,
    failed: 2,
    ignored: 0,
    problem: 'ended with status 0 before its tests did in "exits"',
  });
});

Deno.test("a file that exits with status 0 as it is loaded has failed", async () => {
  assert.deepEqual(countsOf(await fixture("exits_early")), {
    passed: 0,
    failed: 1,
    ignored: 0,
    problem: "ended with status 0 before it defined a test",
  });
});

Deno.test("a file that hangs is killed at its limit, with what it started", async () => {
  const outcome = await fixture("hangs", 8);
  assert.deepEqual(countsOf(outcome), {
    passed: 1,
    failed: 1,
    ignored: 0,
    problem: 'was killed after 8 s in "hangs"',
  });
  const started = Number(/started (\d+)/.exec(outcome.output)?.[1]);
  assert.ok(started > 0, outcome.output);
  assert.equal(isAlive(started), false);
});

Deno.test("a failing test is no problem of its file", async () => {
  const outcome = await fixture("fails");
  assert.deepEqual(countsOf(outcome), { passed: 1, failed: 1, ignored: 0, problem: null });
  assert.match(outcome.output, /it does not hold/);
});

Deno.test("a filter that matches no test of a file is no problem of the file", async () => {
  const file = fileURLToPath(new URL("fixtures/passes.ts", import.meta.url));
  const outcome = await runTestFile({ file, filter: "no such" }, { limitSeconds: 60 });
  assert.deepEqual(countsOf(outcome), { passed: 0, failed: 0, ignored: 0, problem: null });
});
