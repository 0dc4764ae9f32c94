/**
 * Products in single precision, as all measures need them, and what the device makes of them where
 * it may be faster: with operands rounded, as to TF32, and in steps of bfloat16.
 *
 * @module
 */
import { messageOf } from "../../../lib/base/message_of.ts";
import { LARGEST_ERROR, type ProductErrors } from "../../../lib/tensorflow/single_precision.ts";
import { atMost, type Check, type Finding, note } from "../check.ts";
import type { ProductMode } from "../precision_side.ts";
import { runSide } from "../run_side.ts";

const precision: Check = async () => {
  const exact = await errorsIn("exact");
  return {
    findings: [
      atMost("matrix products, relative error", exact.matMul, LARGEST_ERROR),
      atMost("convolutions, relative error", exact.conv2d, LARGEST_ERROR),
      await compared("where operands may be rounded", "rounding"),
      await compared("in a step of bfloat16", "bfloat16"),
    ],
  };
};

function errorsIn(mode: ProductMode): Promise<ProductErrors> {
  return runSide<ProductErrors>("precision_side.ts", [mode]);
}

/** What the other ways do; a device that refuses one says so. */
async function compared(how: string, mode: ProductMode): Promise<Finding> {
  const what = `products and convolutions ${how}, relative errors`;
  try {
    const { matMul, conv2d } = await errorsIn(mode);
    return note(what, `${matMul.toExponential(1)}, ${conv2d.toExponential(1)}`);
  } catch (error) {
    return note(what, messageOf(error));
  }
}

export default precision;
