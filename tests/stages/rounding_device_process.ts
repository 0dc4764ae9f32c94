/**
 * A program that runs a stage on WASM with the operands of all products rounded to TF32, and prints
 * the error with which it fails. Arguments: the stage's module, its params as JSON.
 *
 * @module
 */
import { roundWasmProducts } from "../tensorflow/tf32.ts";
import { runStage, withFolder } from "./stage_run.ts";

const [module, params] = Deno.args;
await roundWasmProducts(["BatchMatMul", "_FusedMatMul", "Conv2D", "FusedConv2D"]);
Deno.env.set("BENIGN_BACKEND", "wasm");
const { default: stage } = await import(module);
await withFolder(async (folder) => {
  try {
    await runStage(folder, stage, { params: JSON.parse(params) });
    console.log("it did not fail");
  } catch (error) {
    console.log((error as Error).message);
  }
});
Deno.exit(0);
