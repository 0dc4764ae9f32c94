/**
 * Targets of the command line: a stage, an instance, or some of a stage's instances.
 *
 * @module
 */
import { lookUp } from "../base/json.ts";
import { parsePins } from "../config/pins.ts";
import { PipelineError } from "../base/errors.ts";
import { type Plan, type PlannedInstance, producersOf } from "./plan.ts";
import { suggestion } from "../base/suggest.ts";

/** The instances that targets name, in the plan's order; all if there are none. @throws {PipelineError} on unknown names. */
export function selectTargets(plan: Plan, targets: readonly string[]): PlannedInstance[] {
  if (targets.length === 0) return [...plan.instances];
  const chosen = new Set(targets.flatMap((target) => matching(plan, target)));
  return plan.instances.filter((instance) => chosen.has(instance));
}

/** The instances that one target names. */
function matching(plan: Plan, target: string): PlannedInstance[] {
  const [stage, pins = ""] = target.split("@", 2);
  if (!Object.hasOwn(plan.stages, stage)) {
    throw new PipelineError(
      `There is no stage "${stage}": ${suggestion(stage, Object.keys(plan.stages))}`,
    );
  }
  const ofStage = plan.instances.filter((instance) => instance.stage === stage);
  let left = ofStage;
  for (const [axis, value] of parsePins(pins)) {
    const known = [...new Set(ofStage.flatMap(({ axes }) => Object.keys(axes)))];
    if (!known.includes(axis)) {
      throw new PipelineError(`Stage "${stage}" has no axis "${axis}": ${suggestion(axis, known)}`);
    }
    const values = [...new Set(ofStage.flatMap(({ axes }) => lookUp(axes, axis) ?? []))];
    if (!values.includes(value)) {
      throw new PipelineError(
        `Axis "${axis}" of stage "${stage}" has no value "${value}": ${suggestion(value, values)}`,
      );
    }
    left = left.filter(({ axes }) => axes[axis] === value);
  }
  if (left.length === 0) throw new PipelineError(`No instance of "${stage}" fits "${target}"`);
  return left;
}

/** The instances with everything that they need, in the plan's order. */
export function withProducers(plan: Plan, targets: readonly PlannedInstance[]): PlannedInstance[] {
  const byName = new Map(plan.instances.map((instance) => [instance.name, instance]));
  const wanted = new Set(targets.map(({ name }) => name));
  for (const instance of [...plan.instances].reverse()) {
    if (wanted.has(instance.name)) {
      for (const name of producersOf(byName.get(instance.name)!)) wanted.add(name);
    }
  }
  return plan.instances.filter(({ name }) => wanted.has(name));
}

/** A stage and every stage that needs it, directly or through others. */
export function stagesFrom(plan: Plan, stage: string): Set<string> {
  if (!Object.hasOwn(plan.stages, stage)) {
    throw new PipelineError(
      `There is no stage "${stage}": ${suggestion(stage, Object.keys(plan.stages))}`,
    );
  }
  const found = new Set([stage]);
  const stageOf = new Map(plan.instances.map(({ name, stage }) => [name, stage]));
  for (const instance of plan.instances) {
    if (producersOf(instance).some((name) => found.has(stageOf.get(name)!))) {
      found.add(instance.stage);
    }
  }
  return found;
}

/** Which instances `--force` (the targets) and `--force-from` (a stage and its consumers) mean. */
export function forcedBy(
  plan: Plan,
  targets: readonly PlannedInstance[],
  force: boolean,
  forceFrom: string | undefined,
): (instance: PlannedInstance) => boolean {
  const forced = new Set(force ? targets.map(({ name }) => name) : []);
  const stages = forceFrom === undefined ? new Set<string>() : stagesFrom(plan, forceFrom);
  return ({ name, stage }) => forced.has(name) || stages.has(stage);
}
