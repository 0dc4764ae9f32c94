import assert from "node:assert/strict";
import { Augmenter } from "../../../lib/augment/policy/augmenter.ts";
import { parsePolicy, type TransformPolicy } from "../../../lib/augment/policy/policy.ts";
import type { ViewBatch } from "../../../lib/augment/views/view_batch.ts";
import { augmentViews, type SpreadOptions } from "../../../lib/augment/views/views.ts";
import { RandomSource } from "../../../lib/random/random.ts";
import { goldenImage } from "../golden.ts";

const size = { height: 12, width: 10 };
const IMAGE_BYTES = 12 * 10 * 3;
const indices = Int32Array.of(3, 8, 11, 40, 2);
const images = new Uint8Array(indices.length * IMAGE_BYTES);
indices.forEach((_, i) => images.set(goldenImage("waves", i, 12, 10), i * IMAGE_BYTES));
const options: SpreadOptions = {
  images,
  indices,
  views: 4,
  policy: parsePolicy("full") as TransformPolicy,
  seed: 42,
  input: size,
  output: size,
};

async function all(options: SpreadOptions): Promise<ViewBatch & { sizes: number[] }> {
  const batches = await Array.fromAsync(augmentViews(options));
  return {
    index: Int32Array.from(batches.flatMap(({ index }) => [...index])),
    view: Int32Array.from(batches.flatMap(({ view }) => [...view])),
    image: Uint8Array.from(batches.flatMap(({ image }) => [...image])),
    sizes: batches.map(({ index }) => index.length),
  };
}

Deno.test("all views of all samples come ordered by view, then sample, each as if made alone", async () => {
  const { index, view, image } = await all(options);
  assert.deepEqual([...index], [0, 1, 2, 3].flatMap(() => [...indices]));
  assert.deepEqual([...view], [0, 1, 2, 3].flatMap((v) => new Array(5).fill(v)));
  const alone = new Uint8Array(IMAGE_BYTES);
  const augmenter = new Augmenter({ ...options, random: new RandomSource(42) });
  index.forEach((_, row) => {
    const source = images.subarray(row % 5 * IMAGE_BYTES, (row % 5 + 1) * IMAGE_BYTES);
    augmenter.view(source, index[row], view[row], alone);
    assert.deepEqual(image.subarray(row * IMAGE_BYTES, (row + 1) * IMAGE_BYTES), alone);
  });
});

Deno.test("neither workers nor the batch size change the views", async () => {
  const { sizes, ...reference } = await all(options);
  assert.deepEqual(sizes, [20]);
  for (
    const [workers, batchSize, expected] of [
      [1, 7, [7, 7, 6]],
      [2, 7, [7, 7, 6]],
      [3, 1, new Array(20).fill(1)],
      [2, 100, [20]],
    ] as const
  ) {
    const { sizes, ...views } = await all({ ...options, workers, batchSize });
    assert.deepEqual(sizes, expected);
    assert.deepEqual(views, reference, `${workers} workers, batches of ${batchSize}`);
  }
});

Deno.test("workers need no permission but to read the files of the module graph", async () => {
  const deno = (args: string[]) => new Deno.Command(Deno.execPath(), { args }).output();
  const module = new URL("../../../lib/augment/views/views.ts", import.meta.url).href;
  const info = await deno(["info", "--json", module]);
  const graph = JSON.parse(new TextDecoder().decode(info.stdout)) as {
    modules: { local: string }[];
  };
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      entry,
      `import { augmentViews } from ${JSON.stringify(module)};
       const options = ${JSON.stringify({ ...options, images: [], indices: [], batchSize: 3 })};
       options.images = new Uint8Array(${images.length});
       options.indices = Int32Array.of(${indices});
       let views = 0;
       for await (const { view } of augmentViews({ ...options, workers: 2 })) views += view.length;
       console.log(views);`,
    );
    const readable = graph.modules.map(({ local }) => local).join();
    const flags = ["--quiet", "--no-prompt", "--no-check", `--allow-read=${readable}`];
    const { stdout, stderr } = await deno(["run", ...flags, entry]);
    assert.equal(new TextDecoder().decode(stdout), "20\n", new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(entry);
  }
});

Deno.test("more views append to what fewer views gave", async () => {
  const four = await all(options);
  const two = await all({ ...options, views: 2 });
  const others = await all({ ...options, firstView: 2 });
  for (const column of ["index", "view", "image"] as const) {
    assert.deepEqual([...two[column], ...others[column]], [...four[column]]);
  }
  assert.deepEqual((await all({ ...options, firstView: 4 })).sizes, []);
});

Deno.test("images in shared memory give the same views", async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(images.length));
  shared.set(images);
  const views = await all({ ...options, images: shared, workers: 2, batchSize: 3 });
  assert.deepEqual(views.image, (await all(options)).image);
});

Deno.test("a consumer that stops early ends the workers", async () => {
  for await (const batch of augmentViews({ ...options, workers: 2, batchSize: 1 })) {
    assert.deepEqual([...batch.index], [3]);
    break;
  }
});

Deno.test("contradictory options are refused with their values", async () => {
  for (
    const [wrong, message] of [
      [{ images: images.subarray(1) }, /5 images of 12 x 10 must have 1800 bytes: .* is 1799/],
      [{ firstView: -1 }, /integers of at least 0: current values are 4 and -1/],
      [{ views: 1.5 }, /integers of at least 0: current values are 1.5 and 0/],
      [{ workers: 0 }, /'workers' must be an integer of at least 1: current value is 0/],
      [{ batchSize: 0.5 }, /'batchSize' must be an integer of at least 1: current value is 0.5/],
    ] as const
  ) {
    await assert.rejects(all({ ...options, ...wrong }), message);
  }
});
