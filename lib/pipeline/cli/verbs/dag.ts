/**
 * `dag`: the graph of the stages, or of the targets' instances, with what a run would do.
 *
 * @module
 */
import { EXIT, PipelineError } from "../../base/errors.ts";
import { forecast } from "../../freshness/forecast.ts";
import { instanceGraph, stageGraph } from "../../display/graph.ts";
import { toDot, toMermaid, toSvg, toText } from "../../display/graph_text.ts";
import { withProducers } from "../../plan/target.ts";
import { workspaceOptions } from "../options.ts";
import type { VerbContext } from "../verb.ts";
import { openWorkspace } from "../../freshness/workspace.ts";

const FORMATS = { mermaid: toMermaid, dot: toDot, svg: toSvg } as const;

/** Prints the graph: of stages, or of instances where targets are named. */
export async function dag(context: VerbContext): Promise<number> {
  const { words, flags } = context;
  const formats = Object.entries(FORMATS).filter(([name]) => flags[name as keyof typeof FORMATS]);
  if (formats.length > 1) {
    const names = formats.map(([name]) => `--${name}`).join(" and ");
    throw new PipelineError(`Cannot draw the graph as one format is needed: ${names} are given`);
  }
  const workspace = await openWorkspace(workspaceOptions(context));
  const instances = withProducers(workspace.plan, workspace.selected);
  const lines = await forecast(workspace);
  const graph = (words.length > 0 ? instanceGraph : stageGraph)(instances, lines);
  const render = formats[0]?.[1] ?? toText;
  console.log(await render(graph));
  return EXIT.done;
}
