/**
 * A worker for the tests of the pool: answers a number with its multiple, and fails at negative
 * ones and, without answering, at 1000.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import type { Reply, Request } from "../../../lib/augment/views/worker_pool.ts";

let factor = 0;

self.onmessage = ({ data }: MessageEvent<Request<number, number>>) => {
  if ("setup" in data) factor = data.setup;
  else {
    if (data.job === 1000) throw new Error("1000 is too much");
    const reply: Reply<number> = data.job < 0
      ? { error: new RangeError(`${data.job} is negative`) }
      : { result: factor * data.job };
    self.postMessage(reply);
  }
};
