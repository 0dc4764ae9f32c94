/**
 * A program that multiplies on the device and prints a {@link ProductAnswer} as JSON. Argument: how,
 * a {@link ProductMode}; a process can know only one of the first two.
 *
 * @module
 */
import { messageOf } from "../../lib/base/message_of.ts";
import { openRuntime } from "../../lib/tensorflow/open.ts";
import { type ProductErrors, productErrors } from "../../lib/tensorflow/single_precision.ts";
import { runSide } from "./run_side.ts";

/**
 * `exact`: as all measures are taken; `rounding`: as fast as the device likes, with operands rounded
 * to TF32 for example; `bfloat16`: as a training step of that precision.
 */
export type ProductMode = "exact" | "rounding" | "bfloat16";

/** The errors of products relative to their size; or why the device does not compute so. */
export type ProductAnswer = ProductErrors | { readonly refused: string };

/** Multiplies in a process of its own. */
export function askProducts(mode: ProductMode): Promise<ProductAnswer> {
  return runSide("precision_side.ts", [mode]);
}

if (import.meta.main) {
  console.log(JSON.stringify(await answer(Deno.args[0] as ProductMode)));
  Deno.exit(0);
}

async function answer(mode: ProductMode): Promise<ProductAnswer> {
  const runtime = await openRuntime({ mayRoundProducts: mode === "rounding" });
  if (mode !== "bfloat16") return await productErrors(runtime);
  try {
    return await productErrors(runtime, { precision: mode });
  } catch (error) {
    return { refused: messageOf(error) };
  }
}
