/**
 * A program that runs one convolution with the library in the folder that its argument names. Under
 * `ONEDNN_VERBOSE=1` oneDNN then prints the instruction set that it uses.
 *
 * @module
 */
import { openNative } from "../native/runtime.ts";

if (import.meta.main) {
  const { tf, ops } = await openNative({ folder: Deno.args[0], threads: 1 });
  await ops.conv2d(tf.ones([1, 4, 4, 8]), tf.ones([3, 3, 8, 8]), { stride: 1, padding: 1 }).data();
  Deno.exit(0);
}
