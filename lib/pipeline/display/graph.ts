/**
 * The pipeline as a graph of stages or of instances, with what a run would do with each.
 *
 * @module
 */
import type { ForecastLine } from "../freshness/forecast.ts";
import type { PlannedInstance } from "../plan/plan.ts";

/** What a run would do with a node; of several instances the most work. */
export type NodeState = ForecastLine["outcome"];

/** A stage or an instance. */
export interface GraphNode {
  readonly name: string;
  /** How many instances there are, and what a run would do with them. */
  readonly detail: string;
  readonly state: NodeState;
}

/** `to` reads `label` of `from`. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** Nodes after those that they need. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** States from the most work to none. */
const BY_WORK: readonly NodeState[] = ["run", "pending", "restore", "fresh"];
const WORDS = { run: "to run", pending: "pending", restore: "to restore", fresh: "fresh" } as const;

/** The graph of the stages of some instances. */
export function stageGraph(
  instances: readonly PlannedInstance[],
  lines: readonly ForecastLine[],
): Graph {
  const stageOf = new Map(instances.map(({ name, stage }) => [name, stage]));
  const stages = [...new Set(instances.map(({ stage }) => stage))];
  const nodes = stages.map((stage) => {
    const outcomes = lines.filter((line) => stageOf.get(line.instance) === stage)
      .map(({ outcome }) => outcome);
    return { name: stage, detail: describe(outcomes), state: mostWork(outcomes) };
  });
  const edges = instances.flatMap((instance) =>
    instance.inputs.flatMap(({ producers }) =>
      producers.map(({ instance: from, output }) => ({
        from: stageOf.get(from)!,
        to: instance.stage,
        label: output,
      }))
    )
  );
  return { nodes, edges: distinct(edges) };
}

/** The graph of instances. */
export function instanceGraph(
  instances: readonly PlannedInstance[],
  lines: readonly ForecastLine[],
): Graph {
  const nodes = lines.map(({ instance, outcome }) => ({
    name: instance,
    detail: WORDS[outcome],
    state: outcome,
  }));
  const edges = instances.flatMap(({ name, inputs }) =>
    inputs.flatMap(({ producers }) =>
      producers.map(({ instance, output }) => ({ from: instance, to: name, label: output }))
    )
  );
  return { nodes, edges: distinct(edges) };
}

function describe(outcomes: readonly NodeState[]): string {
  const parts = BY_WORK.flatMap((state) => {
    const number = outcomes.filter((each) => each === state).length;
    return number === 0 ? [] : [`${number} ${WORDS[state]}`];
  });
  return parts.join(", ");
}

function mostWork(outcomes: readonly NodeState[]): NodeState {
  return BY_WORK.find((state) => outcomes.includes(state)) ?? "fresh";
}

function distinct(edges: readonly GraphEdge[]): GraphEdge[] {
  return [...new Map(edges.map((edge) => [JSON.stringify(edge), edge])).values()];
}
