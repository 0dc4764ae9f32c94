/**
 * A program that trains a step on the native backend and ends by itself: tests start it.
 * Arguments: the folder of the library, then "close" to close the runtime, or "leave".
 *
 * @module
 */
import { openNative } from "../../../lib/tensorflow/native/runtime.ts";

const [folder, ending] = Deno.args;
const runtime = await openNative({ folder, threads: 1 });
const variable = runtime.variable("v", [2], Float32Array.of(1, 2));
const step = runtime.step("double", (x) => {
  variable.assign(variable.read().mul(x));
  return [variable.read()];
});
const x = runtime.tf.scalar(2);
step.run(x);
const [result] = await step.runAsync(x);
console.log([...result.dataSync()].join());
if (ending === "close") runtime.close();
