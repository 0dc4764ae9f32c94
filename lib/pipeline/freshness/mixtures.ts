/**
 * Results of one stage that were made in different ways: on other devices, with other versions of
 * libraries. None of this is in a stage key, as results are to be shared between machines; so it is
 * said where such results stand side by side.
 *
 * @module
 */
import { count } from "../../base/format.ts";
import { canonicalJson } from "../base/json.ts";
import type { Environment } from "../stage/job.ts";
import type { PlannedInstance } from "../plan/plan.ts";
import type { RunState } from "./state.ts";
import type { Store } from "../store/store.ts";

/** How many instances of a kind are named. */
const SHOWN = 3;

/** A result, as far as it is compared here. */
export interface Result {
  readonly instance: string;
  readonly stage: string;
  readonly environment: Environment;
}

/** The last results of instances. */
export function lastResults(
  instances: readonly PlannedInstance[],
  state: RunState,
  store: Store,
): Result[] {
  return instances.flatMap(({ name, stage }) => {
    const key = state.keyOf(name);
    const manifest = key === undefined ? null : store.read(key);
    return manifest ? [{ instance: name, stage, environment: manifest.environment }] : [];
  });
}

/** A line for each stage whose results are of different kinds; the most frequent kind comes first. */
export function describeMixtures(results: readonly Result[]): string[] {
  const stages = Map.groupBy(results, ({ stage }) => stage);
  return [...stages].flatMap(([stage, own]) => {
    const kinds = [...Map.groupBy(own, ({ environment }) => canonicalJson(environment)).values()]
      .sort((a, b) => b.length - a.length);
    if (kinds.length < 2) return [];
    const parts = kinds.map((kind, i) => describeKind(kind, kinds, i > 0));
    return [`The results of ${stage} are of different kinds: ${parts.join("; ")}`];
  });
}

function describeKind(
  kind: readonly Result[],
  kinds: readonly (readonly Result[])[],
  isNamed: boolean,
): string {
  const facts = kinds.map(([{ environment }]) => factsOf(environment));
  const own = factsOf(kind[0].environment);
  const names = [...new Set(facts.flatMap((each) => Object.keys(each)))].sort();
  const telling = names.filter((name) => facts.some((each) => each[name] !== facts[0][name]));
  const told = telling.map((name) =>
    own[name] === undefined ? `no ${name}` : `${name} ${own[name]}`
  );
  const more = kind.length > SHOWN ? " and others" : "";
  const members = kind.slice(0, SHOWN).map(({ instance }) => instance).join(" ");
  return `${count(kind.length, "instance")} with ${told.join(", ")}` +
    (isNamed ? ` (${members}${more})` : "");
}

function factsOf({ device, versions }: Environment): Readonly<Record<string, string>> {
  return { device, ...versions };
}
