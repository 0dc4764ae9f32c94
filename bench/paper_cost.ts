/**
 * The cost of a profile's training runs: `deno run -A bench/paper_cost.ts [PROFILE]`.
 *
 * @module
 */
import { stop as stopEsbuild } from "esbuild";
import { loadPlan } from "../lib/pipeline/plan/load.ts";
import type { PlannedInstance } from "../lib/pipeline/plan/plan.ts";
import { openProject } from "../lib/pipeline/config/project.ts";
import { Store } from "../lib/pipeline/store/store.ts";
import { type EncoderConfig, type EncoderName, encoders } from "../lib/nn/network/encoder.ts";
import { dense, encoderMultiplyAdds, makespan, trainingFlops } from "./grid_cost.ts";

const RATES_TFLOPS = [2, 5, 10, 20, 40];
const GPUS = [1, 2, 4, 8, 16, 32, 64, 128];
/** The width of the embedding in all networks of the profile. */
const EMBEDDING = 512;

const artifacts = Deno.makeTempDirSync();
const project = openProject({ profile: Deno.args[0] ?? "paper", artifacts });
const { plan } = await loadPlan(project, new Store(artifacts), []);
const runs = plan.instances.filter(({ stage }) =>
  plan.stages[stage].module.endsWith("stages/train.ts")
);
const costs = runs.map((run) => ({ run, images: imagesOf(run), flops: flopsOf(run) }));
const total = costs.reduce((sum, { flops, images }) => sum + flops * images, 0);
const images = costs.reduce((sum, each) => sum + each.images, 0);
console.log(`${plan.instances.length} instances, ${runs.length} training runs`);
console.log(`${(images / 1e9).toFixed(1)} billion images, ${(total / 1e18).toFixed(1)} EFLOP`);
console.log(
  "\n| TFLOP/s | GPU-hours | longest run, h |" + GPUS.map((n) => ` ${n} GPUs, h |`).join(""),
);
console.log(`|${" --- |".repeat(3 + GPUS.length)}`);
for (const rate of RATES_TFLOPS) {
  const hours = costs.map(({ flops, images }) => flops * images / (rate * 1e12) / 3600);
  const cells = [
    rate,
    hours.reduce((sum, each) => sum + each, 0).toFixed(0),
    Math.max(...hours).toFixed(1),
    ...GPUS.map((gpus) => makespan(hours, gpus).toFixed(1)),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
Deno.removeSync(artifacts, { recursive: true });
await stopEsbuild();

/** Images that a run trains on: epochs times samples, the last batch of an epoch whole or not. */
function imagesOf({ name, axes, params }: PlannedInstance): number {
  const samples = Number(
    axes.samples ?? (
      axes.pool === "iid" ? 1000 : name.includes("tiny-imagenet") ? 100_000 : 50_000
    ),
  );
  return samples * Number(params.epochs);
}

function flopsOf({ name, params }: PlannedInstance): number {
  const [tiny, cifar100] = [name.includes("tiny-imagenet"), name.includes("data=cifar100")];
  const config: EncoderConfig = encoders[params.encoder as EncoderName];
  const classes = tiny ? 200 : cifar100 ? 100 : 10;
  const projector = dense([EMBEDDING, ...params.projector as number[], classes]);
  return trainingFlops(encoderMultiplyAdds(config, tiny ? 64 : 32) + projector);
}
