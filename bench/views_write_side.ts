/**
 * One side of `views-write` in a process of its own, so that its peak memory is its own:
 * `views_write_side.ts WHAT IMAGES VIEWS THREADS FOLDER`, with the stage `augment` (stage), making its views
 * (views) or writing as many bytes (bytes). Prints what it did as a line of JSON.
 *
 * @module
 */
import { join } from "node:path";
import { TableFile } from "../lib/arrow/reader.ts";
import { imageSchema } from "../lib/tables/schemas.ts";
import { parsePolicy, type TransformPolicy } from "../lib/augment/policy/policy.ts";
import { augmentViews } from "../lib/augment/views/views.ts";
import { execute } from "../lib/pipeline/stage/worker.ts";
import augment from "../stages/augment.ts";

const [what, images, viewsText, threadsText, folder] = Deno.args;
const views = Number(viewsText);
const threads = Number(threadsText);

const SIDES: Readonly<Record<string, { does: string; run(): Promise<void> | void }>> = {
  stage: { does: "the stage", run: runStage },
  views: { does: "making the views", run: makeViews },
  bytes: { does: "writing the bytes", run: writeBytes },
};

const { does, run } = SIDES[what];
const start = performance.now();
await run();
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ does, seconds, peakBytes: peakMemory() }));
Deno.exit(0);

async function runStage(): Promise<void> {
  const end = await execute(
    augment as never,
    {
      token: "",
      instance: "augment",
      axes: {},
      key: "",
      params: augment.params.parse({ views }) as never,
      seed: 0,
      threads,
      inputs: { images: { mode: "one", tables: [{ path: images, axes: {}, provenance: null }] } },
      predecessor: null,
      outputFolder: folder,
      checkpointFolder: folder,
      downloadFolder: null,
    },
    () => {},
    new AbortController().signal,
  );
  if (end.type !== "done") throw new Error(JSON.stringify(end));
}

async function makeViews(): Promise<void> {
  using table = TableFile.open(images, imageSchema);
  const [height, width] = table.shapeOf("image");
  const batches = augmentViews({
    images: table.column("image"),
    indices: table.column("index"),
    views,
    policy: parsePolicy("full") as TransformPolicy,
    seed: 0,
    input: { height, width },
    output: { height, width },
    workers: threads,
  });
  for await (const _ of batches);
}

/** Writes as many bytes as the views have, and waits for the disk as the stage does. */
function writeBytes(): void {
  using table = TableFile.open(images, imageSchema);
  const all = table.column("image");
  using file = Deno.openSync(join(folder, "bytes"), { write: true, create: true });
  const step = 4 * 2 ** 20;
  for (let view = 0; view < views; view++) {
    for (let at = 0; at < all.length; at += step) {
      for (let sent = at; sent < Math.min(all.length, at + step);) {
        sent += file.writeSync(all.subarray(sent, Math.min(all.length, at + step)));
      }
    }
  }
  file.syncSync();
}

/** The largest resident set so far, in bytes; where the system does not tell, the present one. */
function peakMemory(): number {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)![1]) * 1024;
  } catch {
    return Deno.memoryUsage().rss;
  }
}
