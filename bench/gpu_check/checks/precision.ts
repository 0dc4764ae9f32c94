/**
 * Products in single precision, as all measures need them, and what the device makes of them where
 * it may be faster: with operands rounded, as to TF32, and in steps of bfloat16.
 *
 * @module
 */
import { LARGEST_ERROR } from "../../../lib/tensorflow/single_precision.ts";
import { atMost, type Check, type Finding, note } from "../check.ts";
import { askProducts, type ProductAnswer } from "../precision_side.ts";

const precision: Check = async () => ({
  findings: [
    ...findings(
      "",
      await askProducts("exact"),
      (what, error) => atMost(what, error, LARGEST_ERROR),
    ),
    ...findings(" where operands may be rounded", await askProducts("rounding"), note),
    ...findings(" in a step of bfloat16", await askProducts("bfloat16"), note),
  ],
});

function findings(
  how: string,
  answer: ProductAnswer,
  finding: (what: string, error: number) => Finding,
): Finding[] {
  if ("refused" in answer) return [note(`products${how}`, answer.refused)];
  return [
    finding(`matrix products${how}, relative error`, answer.matMul),
    finding(`convolutions${how}, relative error`, answer.conv2d),
  ];
}

export default precision;
