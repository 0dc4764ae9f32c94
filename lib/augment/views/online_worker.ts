/**
 * The worker of `OnlineViews`: makes batches of views and hands their memory over. The starter
 * imports it for its address, as `view_worker.ts` is.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { type OnlineBatch, OnlineMaker, type OnlineOptions } from "./online_batch.ts";
import type { Reply, Request } from "./worker_pool.ts";

/** This module's address. */
export const onlineWorkerUrl = new URL(import.meta.url);

if (import.meta.main) serve();

function serve(): void {
  let maker: OnlineMaker | undefined;
  self.onmessage = ({ data }: MessageEvent<Request<OnlineOptions, OnlineBatch>>) => {
    if ("setup" in data) maker = new OnlineMaker(data.setup);
    else reply(maker as OnlineMaker, data.job);
  };
}

function reply(maker: OnlineMaker, batch: OnlineBatch): void {
  try {
    const result = maker.make(batch);
    const answer: Reply<Uint8Array> = { result };
    self.postMessage(answer, [result.buffer]);
  } catch (error) {
    const answer: Reply<Uint8Array> = { error };
    self.postMessage(answer);
  }
}
