/**
 * `status`: what a run would do with every instance, and why.
 *
 * @module
 */
import { capacity } from "../capacity.ts";
import { forecast } from "../forecast.ts";
import { printForecast } from "../forecast_text.ts";
import type { VerbContext } from "../verbs.ts";
import { EXIT } from "../errors.ts";

/** Prints the forecast; changes nothing. */
export async function status(context: VerbContext): Promise<number> {
  const lines = await forecast(context, { verify: false });
  const { cpus } = capacity(undefined);
  printForecast(lines, { asJson: context.flags.json ?? false, slots: cpus });
  await (await import("../slurm/status.ts")).printJobs(context);
  return EXIT.done;
}
