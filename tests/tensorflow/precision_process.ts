/**
 * A program that opens a runtime and says whether its products are in single precision. Arguments:
 * the backend, kernels of WASM to round the operands of, and whether the library may round.
 *
 * @module
 */
import type { BackendName } from "../../lib/tensorflow/runtime.ts";
import { openRuntime } from "../../lib/tensorflow/open.ts";
import { requireSinglePrecision } from "../../lib/tensorflow/single_precision.ts";
import { type RoundedKernel, roundWasmProducts } from "./tf32.ts";

const [backend, kernels = "", mayRoundProducts = ""] = Deno.args;
try {
  if (kernels !== "") await roundWasmProducts(kernels.split(",") as RoundedKernel[]);
  const runtime = await openRuntime({
    backend: backend as BackendName,
    mayRoundProducts: mayRoundProducts !== "",
  });
  await requireSinglePrecision(runtime);
  console.log(`single precision, TF32 ${Deno.env.get("NVIDIA_TF32_OVERRIDE")}`);
} catch (error) {
  console.log((error as Error).message);
}
Deno.exit(0);
