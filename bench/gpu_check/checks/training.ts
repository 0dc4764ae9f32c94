/**
 * Training as `-p cifar10` does it, with a fresh view of every image at every step: whether the
 * device waits for them.
 *
 * @module
 */
import type { InputRound } from "../../input_side.ts";
import { startSide } from "../../side.ts";
import { atMost, type Check, note } from "../check.ts";
import { cifar10Profile } from "../profile.ts";

/** Of a step; as in input_bench.ts. */
const LIMIT_PERCENT = 3;

const { encoder, projector, batchSize } = cifar10Profile();
const SIZES = {
  full: { encoder, projector: projector[0], batchSize, steps: 200, bareSteps: 20 },
  reduced: { encoder: "narrow", projector: 1024, batchSize: 64, steps: 50, bareSteps: 20 },
};

const training: Check = async ({ scale, say }) => {
  const { encoder, projector, batchSize, steps, bareSteps } = SIZES[scale];
  say(`${steps} steps of ${encoder}, batch ${batchSize}, online views`);
  const sizes = [encoder, batchSize, "online", steps, bareSteps, projector].map(String);
  using side = await startSide("input_side.ts", sizes);
  const { bare, fed, waited }: InputRound = JSON.parse(await side.measure());
  return {
    findings: [
      note(
        `a step of ${encoder}, projector ${projector}, batch ${batchSize}, online views`,
        fed,
        "ms",
      ),
      note("images a second", Math.round(1000 * batchSize / fed)),
      note("the same step on one batch again and again", bare, "ms"),
      atMost("of a step it waited for its views", 100 * waited / fed, LIMIT_PERCENT, "%"),
    ],
  };
};

export default training;
