import assert from "node:assert/strict";
import { Augmenter } from "../../../lib/augment/policy/augmenter.ts";
import { type OnlineViewOptions, OnlineViews } from "../../../lib/augment/views/online_views.ts";
import { parsePolicy, type TransformPolicy } from "../../../lib/augment/policy/policy.ts";
import { RandomSource } from "../../../lib/random/random.ts";
import { goldenImage } from "../golden.ts";

const size = { height: 12, width: 10 };
const IMAGE_BYTES = 12 * 10 * 3;
const indices = Int32Array.of(3, 8, 11, 40, 2);
const images = new Uint8Array(new SharedArrayBuffer(indices.length * IMAGE_BYTES));
indices.forEach((_, i) => images.set(goldenImage("waves", i, 12, 10), i * IMAGE_BYTES));
const options: OnlineViewOptions = {
  images,
  indices,
  policy: parsePolicy("full") as TransformPolicy,
  seed: 42,
  input: size,
  output: { height: 8, width: 8 },
  workers: 0,
};
const VIEW_BYTES = 8 * 8 * 3;

/** The views of a few batches that are asked for at once, as a training run does. */
async function gatherAll(options: OnlineViewOptions): Promise<Uint8Array[]> {
  using views = new OnlineViews(options);
  const batches = [[0, 3], [4, 1], [2, 2], [1, 0], [3, 4], [0, 1], [2, 4]];
  return await Promise.all(batches.map(async (samples, epoch) => {
    const out = new Uint8Array(2 * VIEW_BYTES);
    await views.gather(Int32Array.from(samples), Int32Array.of(epoch, epoch), out);
    return out;
  }));
}

Deno.test("any number of workers makes the same views as the caller's own thread", async () => {
  const inline = await gatherAll(options);
  for (const workers of [1, 2, 3]) {
    assert.deepEqual(await gatherAll({ ...options, workers }), inline, `${workers} workers`);
  }
  assert.notDeepEqual(await gatherAll({ ...options, seed: 43 }), inline);
});

Deno.test("an online view is the sample's view with the epoch's number", async () => {
  const [batch] = await gatherAll({ ...options, workers: 2 });
  const augmenter = new Augmenter({ ...options, random: new RandomSource(42) });
  const expected = new Uint8Array(VIEW_BYTES);
  augmenter.view(images.subarray(3 * IMAGE_BYTES, 4 * IMAGE_BYTES), 40, 0, expected);
  assert.deepEqual(batch.subarray(VIEW_BYTES), expected);
});

Deno.test("images that are not in shared memory give the same views", async () => {
  const copied = await gatherAll({ ...options, images: images.slice(), workers: 2 });
  assert.deepEqual(copied, await gatherAll(options));
});

Deno.test("a failure is told where the views were asked for, and the worker goes on", async () => {
  using views = new OnlineViews({
    ...options,
    images: images.subarray(0, 4 * IMAGE_BYTES),
    workers: 1,
  });
  const out = new Uint8Array(VIEW_BYTES);
  await assert.rejects(
    async () => await views.gather(Int32Array.of(4), Int32Array.of(0), out),
    (error: Error) => {
      assert.equal(error.message, "Cannot finish a job as its worker failed");
      assert.match(String(error.cause), /\[12, 10, 3\] must have 360 bytes: current value is 0/);
      return true;
    },
  );
  await views.gather(Int32Array.of(3), Int32Array.of(0), out);
  assert.ok(out.some((byte) => byte > 0));
});

Deno.test("each worker has two batches to make ahead, the own thread one", () => {
  for (const [workers, ahead] of [[0, 1], [1, 2], [3, 6]]) {
    using views = new OnlineViews({ ...options, workers });
    assert.equal(views.batchesAhead, ahead);
  }
});

Deno.test("a number of workers that is none is refused", () => {
  for (const workers of [-1, 0.5]) {
    assert.throws(
      () => new OnlineViews({ ...options, workers }),
      /'workers' must be .* is (-1|0.5)/,
    );
  }
});

Deno.test("workers need no permission but to read the files of the module graph", async () => {
  const deno = (args: string[]) => new Deno.Command(Deno.execPath(), { args }).output();
  const module = new URL("../../../lib/augment/views/online_views.ts", import.meta.url).href;
  const { modules } = JSON.parse(
    new TextDecoder().decode((await deno(["info", "--json", module])).stdout),
  ) as { modules: { local: string }[] };
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const { images: _, indices: __, ...rest } = options;
    await Deno.writeTextFile(
      entry,
      `import { OnlineViews } from ${JSON.stringify(module)};
       const images = new Uint8Array(${images.length});
       const indices = Int32Array.of(${indices});
       const options = { ...${JSON.stringify(rest)}, images, indices, workers: 2 };
       using views = new OnlineViews(options);
       const out = new Uint8Array(${VIEW_BYTES});
       await views.gather(Int32Array.of(1), Int32Array.of(7), out);
       console.log("made");`,
    );
    const readable = modules.map(({ local }) => local).join();
    const flags = ["--quiet", "--no-prompt", "--no-check", `--allow-read=${readable}`];
    const { stdout, stderr } = await deno(["run", ...flags, entry]);
    assert.equal(new TextDecoder().decode(stdout), "made\n", new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(entry);
  }
});
