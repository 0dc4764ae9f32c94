/**
 * `logs`: the log of an instance's last execution.
 *
 * @module
 */
import { EXIT, PipelineError } from "../../base/errors.ts";
import { readTextIfThere, statIfThere } from "../../base/files.ts";
import { Forecaster } from "../../freshness/forecaster.ts";
import { withProducers } from "../../plan/target.ts";
import { workspaceOptions } from "../options.ts";
import type { VerbContext } from "../verb.ts";
import { openWorkspace } from "../../freshness/workspace.ts";

/** Prints the logs of the targets' instances. */
export async function logs(context: VerbContext): Promise<number> {
  if (context.words.length === 0) {
    throw new PipelineError("Cannot show a log as no target is named, e.g. `logs STAGE@seed=0`");
  }
  const { plan, store, state, selected } = await openWorkspace(workspaceOptions(context));
  const instances = withProducers(plan, selected);
  const forecasts = await new Forecaster(plan, store, state, () => false).forecast(instances);
  for (const { name } of selected) {
    const forecast = forecasts.get(name)!;
    // The last result's log, or that of an execution with the present key that failed since.
    const keys = [state.keyOf(name), "key" in forecast ? forecast.key.key : undefined];
    const paths = keys.flatMap((key) => key ? [store.path("logs", `${key}.log`)] : []);
    const newest = paths.sort((a, b) => modifiedMs(b) - modifiedMs(a))[0];
    const text = newest === undefined ? null : readTextIfThere(newest);
    if (selected.length > 1) console.log(`== ${name}`);
    console.log(text === null ? "(it never executed here)" : text.trimEnd());
  }
  return EXIT.done;
}

function modifiedMs(path: string): number {
  return statIfThere(path)?.mtime?.getTime() ?? -Infinity;
}
