/**
 * The worker of `augmentViews`: makes batches of views and hands their memory over. The starter
 * imports it for its address, which makes it a part of the module graph: its changes are then seen,
 * and processes that may only read their own modules may start it.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { BatchMaker, type BatchRange, type ViewBatch, type ViewOptions } from "./view_batch.ts";
import type { Reply, Request } from "./worker_pool.ts";

/** This module's address. */
export const viewWorkerUrl = new URL(import.meta.url);

if (import.meta.main) serve();

function serve(): void {
  let maker: BatchMaker | undefined;
  self.onmessage = ({ data }: MessageEvent<Request<ViewOptions, BatchRange>>) => {
    if ("setup" in data) maker = new BatchMaker(data.setup);
    else reply(maker as BatchMaker, data.job);
  };
}

function reply(maker: BatchMaker, range: BatchRange): void {
  try {
    const result = maker.make(range);
    const { index, view, image } = result;
    const answer: Reply<ViewBatch> = { result };
    self.postMessage(answer, [index, view, image].map(({ buffer }) => buffer as ArrayBuffer));
  } catch (error) {
    const answer: Reply<ViewBatch> = { error };
    self.postMessage(answer);
  }
}
