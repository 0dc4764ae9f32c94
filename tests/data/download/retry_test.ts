import assert from "node:assert/strict";
import {
  delayMs,
  parseRetryAfterMs,
  retry,
  TransientError,
} from "../../../lib/data/download/retry.ts";

const POLICY = { attempts: 4, firstDelayMs: 1000, maximumDelayMs: 5000 };

Deno.test("waits double up to the longest one", () => {
  assert.deepEqual([1, 2, 3, 4, 5].map((n) => delayMs(POLICY, n)), [1000, 2000, 4000, 5000, 5000]);
});

Deno.test("a wait that the server asks for counts if it is longer, up to the longest", () => {
  assert.deepEqual([500, 3000, 9000].map((ms) => delayMs(POLICY, 1, ms)), [1000, 3000, 5000]);
});

Deno.test("Retry-After is read as seconds or as a date", () => {
  const nowMs = Date.parse("2022-10-25T00:00:00Z");
  assert.equal(parseRetryAfterMs("120", nowMs), 120_000);
  assert.equal(parseRetryAfterMs("Tue, 25 Oct 2022 00:00:30 GMT", nowMs), 30_000);
  assert.equal(parseRetryAfterMs("Mon, 24 Oct 2022 00:00:00 GMT", nowMs), 0);
  assert.equal(parseRetryAfterMs("soon", nowMs), undefined);
  assert.equal(parseRetryAfterMs(null, nowMs), undefined);
});

/** Fails as often as there are numbers, making progress to each of them. */
async function run(progressAtFailure: number[]): Promise<{ attempts: number; waits: number[] }> {
  let progress = 0;
  let attempts = 0;
  const waits: number[] = [];
  const policy = { attempts: 3, firstDelayMs: 1, maximumDelayMs: 8 };
  const attempt = () => {
    attempts++;
    if (attempts > progressAtFailure.length) return Promise.resolve();
    progress = progressAtFailure[attempts - 1];
    return Promise.reject(new TransientError("busy"));
  };
  await retry(attempt, () => progress, { policy, onRetry: (_, ms) => waits.push(ms) });
  return { attempts, waits };
}

Deno.test("failures in a row are counted until one makes progress", async () => {
  assert.deepEqual(await run([0, 0]), { attempts: 3, waits: [1, 2] });
  await assert.rejects(run([0, 0, 0]), /busy/);
  assert.deepEqual(await run([0, 0, 5, 5, 9]), { attempts: 6, waits: [1, 2, 1, 2, 1] });
});

Deno.test("only more than ever before is progress, so that restarts come to an end", async () => {
  await assert.rejects(run([5, 0, 5, 0]), /busy/);
});

Deno.test("an error that another attempt would meet again is thrown at once", async () => {
  let attempts = 0;
  const attempt = () => Promise.reject(new Error(`attempt ${++attempts}`));
  await assert.rejects(retry(attempt, () => 0, { policy: POLICY, onRetry: () => {} }), /attempt 1/);
});
