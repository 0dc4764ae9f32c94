/**
 * K-NN, linear probe, fit, invariance and decomposition of a network on the device, against the
 * same on the CPU; of a machine without a GPU, against WASM.
 *
 * @module
 */
import { BACKEND_VARIABLE } from "../../../lib/tensorflow/variables.ts";
import { atMost, type Check, note } from "../check.ts";
import type { Measures, MeasureSizes } from "../measures_side.ts";
import { runSide } from "../run_side.ts";

const SIZES: Record<"full" | "reduced", MeasureSizes> = {
  full: { encoder: "resnet18", side: 32, bank: 500, queries: 250, samples: 32, views: 8 },
  reduced: { encoder: "narrow8", side: 16, bank: 200, queries: 100, samples: 16, views: 4 },
};
const REFERENCE = {
  full: { CUDA_VISIBLE_DEVICES: "-1" },
  reduced: { [BACKEND_VARIABLE]: "wasm" },
};
/** Two orders of summation differ by 1e-6 in float32, some layers on by 1e-5. */
const LARGEST_DIFFERENCE = 1e-4;
/** Predictions that a last bit may decide, of 100. */
const LARGEST_SHARE = 1;

const measures: Check = async ({ scale, say }) => {
  const args = [JSON.stringify(SIZES[scale])];
  say(`${SIZES[scale].encoder} on the device`);
  const ours = await runSide<Measures>("measures_side.ts", args);
  say("the same for reference");
  const theirs = await runSide<Measures>("measures_side.ts", args, REFERENCE[scale]);
  return {
    findings: [
      note("device", ours.device),
      note("reference", `${scale === "full" ? "" : "WASM on "}${theirs.device}`),
      ...(["knn", "linear"] as const).map((probe) =>
        atMost(
          `predictions of the ${probe} probe that differ`,
          differing(ours.predictions[probe], theirs.predictions[probe]),
          LARGEST_SHARE,
          "%",
        )
      ),
      atMost("difference in fit", 100 * Math.abs(ours.fit - theirs.fit), LARGEST_SHARE, "%"),
      ...(["invariance", "decomposition"] as const).map((measure) =>
        atMost(
          `${measure} (${Object.keys(theirs[measure]).join(", ")}), largest relative difference`,
          largestDifference({ ...ours[measure] }, { ...theirs[measure] }),
          LARGEST_DIFFERENCE,
        )
      ),
    ],
  };
};

function differing(ours: readonly number[], theirs: readonly number[]): number {
  return 100 * ours.filter((label, i) => label !== theirs[i]).length / ours.length;
}

function largestDifference(ours: Record<string, number>, theirs: Record<string, number>): number {
  return Math.max(...Object.keys(theirs).map((name) => Math.abs(ours[name] / theirs[name] - 1)));
}

export default measures;
