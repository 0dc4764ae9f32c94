import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { StallError, StallTimer } from "../../lib/base/stall_timer.ts";

Deno.test("silence aborts, with how long it lasted", async () => {
  using timer = new StallTimer(20);
  await once(timer.signal, "abort");
  assert.ok(timer.signal.reason instanceof StallError);
  assert.equal(timer.signal.reason.message, "it sent nothing for 0.02 s");
});

Deno.test("whoever is heard from in time is not given up", async () => {
  using timer = new StallTimer(1000);
  for (let heard = 0; heard < 12; heard++, timer.reset()) await delay(100);
  assert.equal(timer.signal.aborted, false);
});

Deno.test("another signal aborts with its own reason", () => {
  const controller = new AbortController();
  using timer = new StallTimer(2000, controller.signal);
  controller.abort("enough");
  assert.equal(timer.signal.reason, "enough");
});

Deno.test("the end of its scope ends what is still open", () => {
  const timer = new StallTimer(2000);
  timer[Symbol.dispose]();
  assert.equal(timer.signal.aborted, true);
});
