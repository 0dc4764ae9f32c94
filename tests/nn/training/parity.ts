/** The comparison with PyTorch, on any backend. */
import assert from "node:assert/strict";
import { captureState } from "../../../lib/nn/network/checkpoint.ts";
import { computeLoss } from "../../../lib/nn/training/loss.ts";
import { networkFromState } from "../../../lib/nn/network/network.ts";
import { createOptimiser, type OptimiserKind } from "../../../lib/nn/training/optimiser.ts";
import { scheduleFactor } from "../../../lib/nn/training/schedule.ts";
import { createTrainingStep } from "../../../lib/nn/training/training_step.ts";
import type { Runtime, Tensor } from "../../../lib/tensorflow/runtime.ts";
import { type BackendTest } from "../backend.ts";
import { type Case, cases, stateOf } from "../cases.ts";
import { assertAsExactAsTorch, type Golden, goldenCase } from "../golden.ts";

const STEPS = 10;
/** As in make_parity.py. */
const optimisers: Record<string, { kind: OptimiserKind; learningRate: number }> = {
  adam: { kind: "adam", learningRate: 1e-3 },
  momentum: { kind: "sgd", learningRate: 1e-2 },
  lars: { kind: "lars", learningRate: 0.5 },
};

/** Defines the tests of all cases. */
export function defineParityTests(backendTest: BackendTest): void {
  for (const [name, setting] of Object.entries(cases)) defineCase(backendTest, name, setting);
}

function defineCase(backendTest: BackendTest, name: string, setting: Case): void {
  const golden = goldenCase(name);

  backendTest(`${name}: outputs, loss and all gradients are PyTorch's`, async (runtime) => {
    const { tf } = runtime;
    const network = networkFromState(runtime, setting.network, stateOf(golden, "initial"));
    const { images, labels } = batchOf(runtime, golden);
    const step = runtime.step("gradients", (bytes, labels) => {
      const targets = tf.cast(tf.oneHot(labels, setting.network.classes), "float32");
      let outputs!: Tensor;
      const { value, grads } = tf.valueAndGrads((...values: Tensor[]) => {
        outputs = tf.keep(network.forwardTraining(runtime.ops.scaleImages(bytes), values));
        return computeLoss(tf, setting.loss, outputs, targets);
      })(network.parameters.map((parameter) => parameter.read()));
      return [outputs, value, ...grads];
    });
    const [outputs, loss, ...gradients] = step.run(images, labels);
    assertAsExactAsTorch(await outputs.data(), golden.get("training/O")!);
    assertAsExactAsTorch(await loss.data(), golden.get("loss")!);
    for (const [i, { name }] of network.parameters.entries()) {
      assertAsExactAsTorch(await gradients[i].data(), golden.get(`gradient/${name}`)!);
    }
    tf.dispose([images, labels, outputs, loss, ...gradients]);
    step.dispose();
    network.dispose();
  });

  for (const optimiser of Object.keys(optimisers)) {
    backendTest(
      `${name}: ${STEPS} steps of ${optimiser} leave PyTorch's parameters and running statistics`,
      async (runtime) => {
        const { losses, state } = await trainSteps(runtime, setting, golden, optimiser);
        assertAsExactAsTorch(losses, golden.get(`${optimiser}/losses`)!);
        for (const { name, values } of state) {
          assertAsExactAsTorch(values, golden.get(`${optimiser}/${name}`)!);
        }
        assert.equal(state.length, stateOf(golden, optimiser).length);
      },
    );
  }

  backendTest(
    `${name}: every layer's activations in evaluation mode are PyTorch's`,
    async (runtime) => {
      const network = networkFromState(runtime, setting.network, stateOf(golden, "momentum"));
      const { images, labels } = batchOf(runtime, golden);
      const step = runtime.step(
        "evaluation",
        (bytes) => network.forwardLayers(runtime.ops.scaleImages(bytes), network.layers),
      );
      const activations = step.run(images);
      const expected = [...golden.values()].filter(({ name }) => name.startsWith("evaluation/"));
      assert.deepEqual(
        network.layers,
        expected.map(({ name }) => name.slice("evaluation/".length)),
      );
      for (const [i, layer] of expected.entries()) {
        assert.deepEqual(activations[i].shape, layer.shape);
        assertAsExactAsTorch(await activations[i].data(), layer);
      }
      runtime.tf.dispose([images, labels, ...activations]);
      step.dispose();
      network.dispose();
    },
  );
}

async function trainSteps(
  runtime: Runtime,
  setting: Case,
  golden: Map<string, Golden>,
  optimiserName: string,
) {
  const network = networkFromState(runtime, setting.network, stateOf(golden, "initial"));
  const { kind, learningRate } = optimisers[optimiserName];
  const optimiser = createOptimiser(runtime, network.parameters, kind);
  const step = createTrainingStep(runtime, network, {
    loss: setting.loss,
    optimiser,
    xla: false,
    precision: "float32",
  });
  const batch = { ...batchOf(runtime, golden), blend: [] };
  const losses: number[] = [];
  for (let i = 0; i < STEPS; i++) {
    const factor = optimiserName === "lars"
      ? scheduleFactor({ kind: "cosine", floor: 0.02 }, i, { epochs: 1, stepsPerEpoch: STEPS })
      : 1;
    const loss = await step.run(batch, optimiser.scalars(i + 1, factor * learningRate));
    losses.push(...await loss.data());
    loss.dispose();
  }
  const state = await captureState([...network.parameters, ...network.statistics]);
  runtime.tf.dispose([batch.images, batch.labels]);
  for (const owner of [step, optimiser, network]) owner.dispose();
  return { losses, state };
}

function batchOf(runtime: Runtime, golden: Map<string, Golden>) {
  const images = golden.get("images")!;
  const labels = golden.get("labels")!;
  return {
    images: runtime.bytes(images.shape, Uint8Array.from(images.values)),
    labels: runtime.tf.tensor1d(Int32Array.from(labels.values), "int32"),
  };
}
