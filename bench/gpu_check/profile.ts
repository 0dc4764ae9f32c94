/**
 * The settings of the profile that the check of training is about.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** What of `profiles/cifar10.yaml` decides the cost of a step. */
export interface TrainingProfile {
  readonly encoder: string;
  readonly projector: readonly number[];
  readonly batchSize: number;
}

const PATH = fileURLToPath(new URL("../../profiles/cifar10.yaml", import.meta.url));

/** Reads the settings. */
export function cifar10Profile(): TrainingProfile {
  const { stages: { train: { params } } } = parse(Deno.readTextFileSync(PATH));
  const { encoder, projector, batch_size: batchSize } = params;
  return { encoder, projector, batchSize };
}
