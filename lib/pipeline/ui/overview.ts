/**
 * What the page shows of a pipeline beside its runs: the graph of stages with a layout, and every
 * instance with what a run would do with it, and why.
 *
 * @module
 */
import { PipelineError } from "../base/errors.ts";
import { forecast, type ForecastLine } from "../freshness/forecast.ts";
import { type Graph, stageGraph } from "../display/graph.ts";
import type { Json } from "../base/json.ts";
import type { Project } from "../config/project.ts";
import { openWorkspace } from "../freshness/workspace.ts";
import { type GraphLayout, layOut } from "./layout.ts";

/** The pipeline that the page shows. */
export interface Pipeline {
  /** The project when the server started. */
  readonly project: Project;
  /** Opens the project as it is now: its files may have been edited since. */
  readonly reopen: () => Project;
  /** Names that no stage may have. */
  readonly reservedNames: readonly string[];
}

/** An instance as the page shows it. */
export interface InstanceView extends ForecastLine {
  readonly stage: string;
  readonly params: Readonly<Record<string, Json>>;
  readonly seed: number;
  /** Of the last result. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly device: string | null;
  /** Seconds that the last execution took. */
  readonly seconds: number | null;
}

/** What the page shows of a pipeline. */
export interface Overview {
  readonly name: string;
  readonly profile: string | null;
  readonly layout: GraphLayout;
  readonly instances: readonly InstanceView[];
  /** Whether there is a page to show in the reports' folder. */
  readonly hasReport: boolean;
}

/** Layouts by graph: Graphviz takes a while, and graphs change rarely. */
const layouts = new Map<string, Promise<GraphLayout>>();

/** Looks at the project as it is now. @throws {PipelineError} if its configuration has errors. */
export async function overview({ reopen, reservedNames }: Pipeline): Promise<Overview> {
  const project = reopen();
  const workspace = await openWorkspace({ project, targets: [], reservedNames });
  const { plan, store, state } = workspace;
  const lines = await forecast(workspace);
  const planned = new Map(plan.instances.map((each) => [each.name, each]));
  const instances = lines.map((line): InstanceView => {
    const { stage, params, seed } = planned.get(line.instance)!;
    const key = state.keyOf(line.instance);
    const manifest = key === undefined ? null : store.read(key);
    return {
      ...line,
      stage,
      params,
      seed,
      metrics: manifest?.metrics ?? {},
      device: manifest?.environment.device ?? null,
      seconds: manifest?.seconds ?? null,
    };
  });
  const { name } = plan;
  const { profile, reports } = project;
  const layout = await layoutOf(stageGraph(plan.instances, lines));
  return { name, profile, layout, instances, hasReport: hasPage(reports) };
}

function layoutOf({ nodes, edges }: Graph): Promise<GraphLayout> {
  const names = nodes.map(({ name }) => name);
  const id = JSON.stringify([names, edges]);
  let layout = layouts.get(id);
  if (!layout) layouts.set(id, layout = layOut(names, edges));
  return layout;
}

function hasPage(reports: string): boolean {
  try {
    return Deno.statSync(`${reports}/index.html`).isFile;
  } catch {
    return false;
  }
}

/** What went wrong, for the page. */
export function problemOf(error: unknown): string {
  if (error instanceof PipelineError) return error.message;
  throw error;
}
