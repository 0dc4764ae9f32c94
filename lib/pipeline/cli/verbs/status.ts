/**
 * `status`: what a run would do with every instance, and why.
 *
 * @module
 */
import { capacity } from "../../execute/capacity.ts";
import { forecast } from "../../freshness/forecast.ts";
import { describeMixtures, lastResults } from "../../freshness/mixtures.ts";
import { openWorkspace } from "../../freshness/workspace.ts";
import { withProducers } from "../../plan/target.ts";
import { printForecast } from "../../display/forecast_text.ts";
import { workspaceOptions } from "../options.ts";
import type { VerbContext } from "../verb.ts";
import { EXIT } from "../../base/errors.ts";

/** Prints the forecast; changes nothing. */
export async function status(context: VerbContext): Promise<number> {
  const workspace = await openWorkspace(workspaceOptions(context));
  const { plan, selected, state, store } = workspace;
  const lines = await forecast(workspace);
  const { cpus } = capacity(undefined);
  printForecast(lines, { asJson: context.flags.json ?? false, slots: cpus });
  const results = lastResults(withProducers(plan, selected), state, store);
  for (const line of describeMixtures(results)) console.error(line);
  await (await import("../slurm_status.ts")).printJobs(context);
  return EXIT.done;
}
