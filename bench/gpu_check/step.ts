/**
 * The time of a training step in one precision, beside PyTorch's where it is installed.
 *
 * @module
 */
import { Baseline, compare } from "../bench.ts";
import { startSide } from "../side.ts";
import { type Check, type Finding, note } from "./check.ts";
import { askProducts } from "./precision_side.ts";

/** How a step multiplies: `tf32` is float32 with the operands of products rounded by a GPU. */
export type Precision = "float32" | "tf32" | "bfloat16";

const SIZES = {
  full: { network: "resnet18", batchSize: 256, stepsPerRound: 10, rounds: 3, device: "cuda" },
  reduced: { network: "narrow8", batchSize: 64, stepsPerRound: 16, rounds: 3, device: "cpu" },
};
const THREADS = 1;

/** Makes the check. */
export function stepCheck(precision: Precision): Check {
  return async ({ scale, say }) => {
    if (scale === "reduced" && precision === "tf32") {
      return { findings: [note("a step", "TF32 is a number format of GPUs")] };
    }
    if (precision === "bfloat16") {
      const answer = await askProducts(precision);
      if ("refused" in answer) return { findings: [note("a step", answer.refused)] };
    }
    const { network, batchSize, stepsPerRound, rounds, device } = SIZES[scale];
    const sizes = [network, batchSize, THREADS, stepsPerRound].map(String);
    say(`${network}, batch ${batchSize}, ${precision}`);
    using side = await startSide("train_side.ts", [...sizes, precision]);
    const torch = [...sizes, "eager", precision, device];
    const baseline = await Baseline.python("PyTorch", "torch_train.py", torch);
    using _ = baseline instanceof Baseline ? baseline : null;
    const bench = `${network}, batch ${batchSize}, ${precision}`;
    const ours = async () => Number(await side.measure());
    const measured = await compare({ bench, rounds, ours, baseline });
    return {
      findings: [
        note(`a step of ${bench}`, measured.ours, "ms"),
        note("images a second", Math.round(1000 * batchSize / measured.ours)),
        ...beside(measured),
      ],
    };
  };
}

function beside(
  { theirs, ratio, baseline, note: reason }: Awaited<ReturnType<typeof compare>>,
): Finding[] {
  if (theirs === null || ratio === null) return [note(baseline, reason ?? "")];
  return [note(baseline, theirs, "ms"), note("ours over PyTorch's, median of rounds", ratio)];
}
