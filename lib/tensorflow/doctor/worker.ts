/**
 * The program that `doctor` starts to try a backend: compares values with a reference, times a
 * training step and prints a {@link Trial} as JSON. In a process of its own, a library that
 * crashes takes nothing with it.
 *
 * @module
 */
import { benchmarkStep, type StepTime } from "./benchmark_step.ts";
import { openRuntime } from "../open.ts";
import { type Agreement, compareWithReference } from "./reference_network.ts";
import type { RuntimeInfo } from "../runtime.ts";

/** What a trial found. */
export interface Trial {
  readonly info: RuntimeInfo;
  readonly agreement: Agreement;
  readonly time: StepTime;
}

const SECONDS = 2;

if (import.meta.main) {
  const runtime = await openRuntime();
  const agreement = await compareWithReference(runtime);
  const time = await benchmarkStep(runtime, SECONDS, () => performance.now());
  const trial: Trial = { info: runtime.info, agreement, time };
  console.log(JSON.stringify(trial));
  runtime.close();
  Deno.exit(0);
}
