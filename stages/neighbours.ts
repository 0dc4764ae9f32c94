/**
 * Nearest training images of test images in a trained network's embedding and at INIT, for a
 * picture. Queries are the first test image of each class: none is chosen by its outcome.
 *
 * @module
 */
import { z } from "zod";
import {
  imageSchema,
  labelSchema,
  neighbourSchema,
  snapshotSchema,
} from "../lib/tables/schemas.ts";
import { NeighbourSearch } from "../lib/metrics/neighbours.ts";
import { runtimeMatMul } from "../lib/metrics/runtime_mat_mul.ts";
import { EMBEDDING } from "../lib/tables/layer_names.ts";
import { activations } from "../lib/nn/network/activations.ts";
import type { ImageSource } from "../lib/nn/network/images.ts";
import { Snapshots } from "../lib/nn/training/snapshots.ts";
import { imagesOf } from "../lib/nn/training/view_table.ts";
import { committed, defineStage } from "../lib/pipeline/stage/stage.ts";

export default defineStage({
  description: "Finds the nearest training images of some test images, for a picture",
  params: z.object({
    neighbours: z.int().min(1).default(6).describe("Neighbours of each test image"),
    queries: z.int().min(1).default(10).describe(
      "Test images, the first of each class, of as many classes",
    ),
  }),
  inputs: {
    snapshots: snapshotSchema,
    labels: labelSchema.pick("index", "true_label"),
    train: imageSchema.pick("index", "image"),
    test: imageSchema.pick("index", "image", "label"),
  },
  outputs: { neighbours: committed(neighbourSchema) },
  requires: ["tensorflow"],
  resources: { gpu: 1 },
  async run({ params, inputs, outputs, ...context }) {
    const { openRuntime } = await import("../lib/tensorflow/open.ts");
    using runtime = await openRuntime({ threads: context.threads });
    context.environment(runtime.info);
    const snapshots = new Snapshots(inputs.snapshots);
    const [size] = snapshots.config.images;
    outputs.neighbours.configure({ shapes: { image: [size, size, 3] } });
    const trainIndex = inputs.labels.column("index");
    const trainLabels = inputs.labels.column("true_label");
    const train = imagesOf(inputs.train, trainIndex, size);
    const testLabels = inputs.test.column("label");
    const rows = firstOfEachClass(testLabels, params.queries);
    const testIndex = rows.map((row) => inputs.test.column("index")[row]);
    const queries = imagesOf(inputs.test, testIndex, size);
    const count = Math.min(params.neighbours, train.count);
    const epochs = snapshots.choose([0]);
    for (const { epoch, embedder } of snapshots.networks(runtime, epochs, context)) {
      const search = new NeighbourSearch(await activations(embedder, queries, EMBEDDING), {
        neighbours: count,
        matMul: runtimeMatMul(runtime),
      });
      await search.add(await activations(embedder, train, EMBEDDING));
      const { indices } = search.result();
      for (let query = 0; query < rows.length; query++) {
        const place = { epoch, query: testIndex[query] };
        outputs.neighbours.append(
          await oneRow(place, 0, queries, query, testIndex[query], testLabels[rows[query]]),
        );
        for (let rank = 1; rank <= count; rank++) {
          const row = indices[query * count + rank - 1];
          outputs.neighbours.append(
            await oneRow(place, rank, train, row, trainIndex[row], trainLabels[row]),
          );
        }
      }
    }
  },
});

/** The row of the first image of each class, by class, of `count` classes at most. */
function firstOfEachClass(labels: Int32Array, count: number): Int32Array {
  const classes = [...new Set(labels)].sort((a, b) => a - b).slice(0, count);
  return Int32Array.from(classes, (label) => labels.indexOf(label));
}

async function oneRow(
  { epoch, query }: { epoch: number; query: number },
  rank: number,
  images: ImageSource,
  row: number,
  index: number,
  label: number,
) {
  return {
    epoch: Int32Array.of(epoch),
    query: Int32Array.of(query),
    rank: Int32Array.of(rank),
    index: Int32Array.of(index),
    label: Int32Array.of(label),
    image: await images.read(row, 1),
  };
}
