/**
 * The outputs are those of `deno test` 2.9.6 on the files in `fixtures/`, cut where a process died.
 */
import assert from "node:assert/strict";
import { verdictOn } from "./verdict.ts";

const exit = (code: number): Deno.CommandStatus => ({ success: code === 0, code, signal: null });
const death = (signal: Deno.Signal): Deno.CommandStatus => ({ success: false, code: 134, signal });

const STARTED = `running 6 tests from ./tests/runner/fixtures/aborts.ts
passes ... ok (415µs)
prints what looks like the end ...
------- output -------
running 9 tests from elsewhere
foo ... ok (1ms)

ok | 9 passed | 0 failed (1ms)

----- output end -----
prints what looks like the end ... ok (246µs)
is ignored ... ignored (0ms)
dies ...`;

const PASSED = `running 2 tests from ./tests/runner/fixtures/passes.ts
passes ... ok (505µs)
passes as well ... ok (44µs)

ok | 2 passed | 0 failed (5ms)

`;

const FAILED = `running 4 tests from ./a_test.ts
with steps ...
  inner ... ok (0ms)
  other ... FAILED (1ms)
with steps ... FAILED (due to 1 failed step) (2ms)
fails ... FAILED (481µs)
passes ... ok (423µs)
is ignored ... ignored (0ms)

 ERRORS 

fails => ./a_test.ts:2:6
error: AssertionError: 7 passed | 8 failed

 FAILURES 

fails => ./a_test.ts:2:6

FAILED | 1 passed (1 step) | 2 failed (1 step) | 1 ignored (9ms)

error: Test failed
`;

Deno.test("a file that died in a test fails by that test and all that did not run", () => {
  assert.deepEqual(verdictOn(STARTED, death("SIGABRT"), null), {
    passed: 2,
    failed: 3,
    ignored: 1,
    problem: 'was ended by SIGABRT in "dies"',
  });
});

Deno.test("a file that the runner killed says so, in its running test", () => {
  const { failed, problem } = verdictOn(STARTED, death("SIGKILL"), "was killed after 10 min 0 s");
  assert.deepEqual([failed, problem], [3, 'was killed after 10 min 0 s in "dies"']);
});

Deno.test("a file that exited with status 0 in the middle fails", () => {
  const { passed, failed, problem } = verdictOn(STARTED, exit(0), null);
  assert.deepEqual([passed, failed], [2, 3]);
  assert.equal(problem, 'ended with status 0 before its tests did in "dies"');
});

Deno.test("a file that died before it said how many tests it has fails by one", () => {
  assert.deepEqual(verdictOn("", death("SIGSEGV"), null), {
    passed: 0,
    failed: 1,
    ignored: 0,
    problem: "was ended by SIGSEGV",
  });
});

Deno.test("a file without tests fails, unless a filter took them", () => {
  const none = "\nok | 0 passed | 0 failed (0ms)\n\n";
  const { failed, problem } = verdictOn(none, exit(0), null);
  assert.deepEqual([failed, problem], [1, "ended with status 0 before it defined a test"]);
  const filtered = "\nok | 0 passed | 0 failed | 2 filtered out (3ms)\n\n";
  assert.deepEqual(verdictOn(filtered, exit(0), null), {
    passed: 0,
    failed: 0,
    ignored: 0,
    problem: null,
  });
});

Deno.test("a file whose tests all passed passes, and fails if its process died afterwards", () => {
  assert.deepEqual(verdictOn(PASSED, exit(0), null), {
    passed: 2,
    failed: 0,
    ignored: 0,
    problem: null,
  });
  const { passed, failed, problem } = verdictOn(PASSED, death("SIGSEGV"), null);
  assert.deepEqual([passed, failed, problem], [2, 1, "was ended by SIGSEGV"]);
  assert.equal(verdictOn(PASSED, exit(1), null).problem, "ended with status 1");
});

Deno.test("tests are counted, steps are not, and colours do not matter", () => {
  const expected = { passed: 1, failed: 2, ignored: 1, problem: null };
  assert.deepEqual(verdictOn(FAILED, exit(1), null), expected);
  const coloured = FAILED.replaceAll(/ok|FAILED|\| \d+/g, (word) => `\x1b[31m${word}\x1b[0m`);
  assert.deepEqual(verdictOn(coloured, exit(1), null), expected);
});
