/**
 * A program that dies while TensorFlow works for it: tests start it. Arguments: the folder of the
 * library, then "operation" to die after an operation, or "step" to die while a step runs on
 * another thread.
 *
 * @module
 */
import { openNative } from "../../../lib/tensorflow/native/runtime.ts";

const [folder, what] = Deno.args;
const runtime = await openNative({ folder, threads: 1 });
const { tf } = runtime;
const a = tf.ones([2, 3]);
const b = tf.ones([3, 4]);
const step = runtime.step("product", (a, b) => [tf.matMul(a, b)]);
await step.runAsync(a, b);
if (what === "step") void step.runAsync(a, b);
tf.transpose(a);
Deno.kill(Deno.pid, "SIGABRT");
