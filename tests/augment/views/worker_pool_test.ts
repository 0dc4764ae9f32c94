import assert from "node:assert/strict";
import { WorkerPool } from "../../../lib/augment/views/worker_pool.ts";

const module = new URL("./test_worker.ts", import.meta.url);

Deno.test("results come in the order of the jobs", async () => {
  using pool = new WorkerPool<number, number, number>(module, 3, 10);
  const jobs = Array.from({ length: 50 }, (_, i) => i);
  assert.deepEqual(await Array.fromAsync(pool.map(jobs)), jobs.map((job) => 10 * job));
});

Deno.test("at most two jobs a worker are ahead of the consumer", async () => {
  using pool = new WorkerPool<number, number, number>(module, 2, 1);
  let started = 0;
  let taken = 0;
  function* jobs() {
    for (; started < 20; started++) {
      assert.ok(started - taken <= 4, `${started} started, ${taken} taken`);
      yield started;
    }
  }
  for await (const _ of pool.map(jobs())) taken++;
  assert.equal(taken, 20);
});

Deno.test("a job that fails is reported in its turn with its cause", async () => {
  using pool = new WorkerPool<number, number, number>(module, 2, 1);
  const results: number[] = [];
  await assert.rejects(async () => {
    for await (const result of pool.map([1, 2, -3, 4])) results.push(result);
  }, (error: Error) => {
    assert.equal(error.message, "Cannot finish a job as its worker failed");
    assert.match(String(error.cause), /-3 is negative/);
    return true;
  });
  assert.deepEqual(results, [1, 2]);
});

Deno.test("a worker that dies fails its jobs, later ones too, instead of leaving them waiting", async () => {
  using pool = new WorkerPool<number, number, number>(module, 1, 1);
  for (const jobs of [[1000, 1], [1]]) {
    await assert.rejects(
      Array.fromAsync(pool.map(jobs)),
      (error: Error) => /1000 is too much/.test(String(error.cause)),
    );
  }
});
