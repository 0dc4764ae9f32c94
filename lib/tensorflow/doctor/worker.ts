/**
 * The program that `doctor` starts to try a backend: compares values with a reference, times a
 * training step and asks for what steps may use. It prints each of its {@link Findings} as a line of
 * JSON, so that a crash costs only what follows.
 *
 * @module
 */
import { messageOf } from "../../base/message_of.ts";
import { allocatorChecks } from "../machine/checking_allocator.ts";
import { openRuntime } from "../open.ts";
import type { Runtime, StepOptions } from "../runtime.ts";
import { benchmarkStep } from "./benchmark_step.ts";
import { compareWithReference } from "./reference_network.ts";
import type { Findings } from "./trial.ts";

const SECONDS = 2;

function report(findings: Partial<Findings>): void {
  console.log(JSON.stringify(findings));
}

/** Why a device takes no such steps; null if it does. */
function refusalOf(runtime: Runtime, options: StepOptions): string | null {
  try {
    runtime.step("trial", () => [], options).dispose();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

async function findOut(): Promise<void> {
  const runtime = await openRuntime();
  report({ info: runtime.info, memoryIsChecked: allocatorChecks() });
  report({ agreement: await compareWithReference(runtime) });
  report({ time: await benchmarkStep(runtime, SECONDS, () => performance.now()) });
  report({ bfloat16: { refusal: refusalOf(runtime, { precision: "bfloat16" }) } });
  report({ xla: { refusal: refusalOf(runtime, { xla: true }) } });
  runtime.close();
}

if (import.meta.main) {
  try {
    await findOut();
    Deno.exit(0);
  } catch (error) {
    console.error(messageOf(error));
    Deno.exit(1);
  }
}
