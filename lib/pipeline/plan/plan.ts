/**
 * The plan of a pipeline: every stage instance with its validated params and the instances that it
 * needs. It is plain data, memoised in the store, and all that a run looks at.
 *
 * @module
 */
import type { InputInterface, OutputInterface, Request } from "../stage/interface.ts";
import type { Json } from "../base/json.ts";
import type { SlurmOptions } from "../config/slurm_options.ts";
import type { Tolerance } from "../stage/stage.ts";

/** Axis values by axis. */
export type AxisValues = Readonly<Record<string, string>>;

/** An input of an instance, resolved. */
export interface PlannedInput {
  readonly name: string;
  readonly columns: readonly string[];
  readonly mode: InputInterface["mode"];
  readonly provenance: boolean;
  /** One producer, or several for a gathered input, or none for an optional one. */
  readonly producers: readonly PlannedProducer[];
}

/** Where an input's table comes from. */
export interface PlannedProducer {
  readonly instance: string;
  readonly output: string;
}

/** One instance of a stage. */
export interface PlannedInstance {
  /** `stage` or `stage@axis=value,...`. */
  readonly name: string;
  readonly stage: string;
  readonly axes: AxisValues;
  readonly seed: number;
  /** Validated params with defaults filled in, but for locations. */
  readonly params: Readonly<Record<string, Json>>;
  /** Params that say where something lies. */
  readonly locations: Readonly<Record<string, string | null>>;
  readonly inputs: readonly PlannedInput[];
}

/** A stage, as far as its instances have it in common. */
export interface PlannedStage {
  readonly name: string;
  /** Path of the module, relative to the pipeline's folder. */
  readonly module: string;
  readonly codeKey: string;
  readonly outputs: Readonly<Record<string, OutputInterface>>;
  readonly resources: Request;
  readonly requires: readonly string[];
  readonly network: boolean;
  /** How far values of executions may differ; `null` where they must be equal. */
  readonly tolerance: Tolerance | null;
  /** The param by which the stage extends earlier results. */
  readonly extends: string | null;
}

/** The whole plan; instances stand after those that they need. */
export interface Plan {
  readonly name: string;
  /** Top-level params, for titles. */
  readonly params: Readonly<Record<string, Json>>;
  readonly stages: Readonly<Record<string, PlannedStage>>;
  readonly instances: readonly PlannedInstance[];
  /** What jobs ask of a cluster. */
  readonly slurm: SlurmOptions;
}

/** The name of an instance. */
export function instanceName(stage: string, axes: AxisValues): string {
  const values = Object.entries(axes).map(([axis, value]) => `${axis}=${value}`);
  return values.length === 0 ? stage : `${stage}@${values.join(",")}`;
}

/** The instances that an instance needs. */
export function producersOf(instance: PlannedInstance): string[] {
  return [
    ...new Set(instance.inputs.flatMap((input) => input.producers.map((each) => each.instance))),
  ];
}
