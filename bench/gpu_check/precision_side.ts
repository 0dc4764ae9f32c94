/**
 * A program that multiplies on the device and prints the errors, relative to the products' size, as
 * JSON. Argument: how, a {@link ProductMode}; a process can know only one of the first two.
 *
 * @module
 */
import { openRuntime } from "../../lib/tensorflow/open.ts";
import { productErrors } from "../../lib/tensorflow/single_precision.ts";

/**
 * `exact`: as all measures are taken; `rounding`: as fast as the device likes, with operands rounded
 * to TF32 for example; `bfloat16`: as a training step of that precision.
 */
export type ProductMode = "exact" | "rounding" | "bfloat16";

if (import.meta.main) {
  const mode = Deno.args[0] as ProductMode;
  const runtime = await openRuntime({ mayRoundProducts: mode === "rounding" });
  const precision = mode === "bfloat16" ? mode : "float32";
  console.log(JSON.stringify(await productErrors(runtime, { precision })));
  Deno.exit(0);
}
