/**
 * Which of the instances that wait for a slot goes first.
 *
 * @module
 */
import { type Plan, type PlannedInstance, producersOf } from "../plan/plan.ts";

/** What an instance that never ran counts as, so that what is unknown starts early. */
const UNKNOWN_SECONDS = 60;

/** Of equally urgent instances, the plan's first goes first: what is listed first starts first. */
const SECONDS_PER_PLACE = 1e-6;

/**
 * How urgent each instance is: the seconds from its start to the end of the longest chain that
 * waits for it, and next to nothing for its place in the plan.
 */
export function urgencies(
  plan: Plan,
  expectedSeconds: (instance: PlannedInstance) => number | undefined,
): Map<string, number> {
  const longest = new Map<string, number>();
  for (const instance of [...plan.instances].reverse()) {
    const own = expectedSeconds(instance) ?? UNKNOWN_SECONDS;
    const total = (longest.get(instance.name) ?? 0) + own;
    longest.set(instance.name, total);
    for (const name of producersOf(instance)) {
      longest.set(name, Math.max(longest.get(name) ?? 0, total));
    }
  }
  return new Map(
    plan.instances.map(({ name }, place) => [name, longest.get(name)! - place * SECONDS_PER_PLACE]),
  );
}
