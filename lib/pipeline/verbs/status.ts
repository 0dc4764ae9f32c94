/**
 * `status`: what a run would do with every instance, and why.
 *
 * @module
 */
import { forecast, printForecast } from "../forecast.ts";
import type { VerbContext } from "../verbs.ts";
import { EXIT } from "../errors.ts";

/** Prints the forecast; changes nothing. */
export async function status(context: VerbContext): Promise<number> {
  printForecast(await forecast(context), context.flags.json ?? false);
  return EXIT.done;
}
