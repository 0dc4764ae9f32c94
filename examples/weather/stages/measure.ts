/**
 * Makes up a year of temperatures: a wave over the year, and weather from a seed.
 *
 * @module
 */
import { z } from "zod";
import { defineStage } from "../../../lib/pipeline/mod.ts";
import { temperatureSchema } from "../schemas.ts";

export default defineStage({
  description: "Makes up a year of temperatures",
  params: z.object({
    days: z.int().min(1).describe("Number of days"),
    mean: z.number().describe("Mean of the year in degrees Celsius"),
    swing: z.number().min(0).describe("Half the difference of summer and winter in degrees"),
    noise: z.number().min(0).default(3).describe("Largest deviation by weather in degrees"),
  }),
  inputs: {},
  outputs: { measured: temperatureSchema },
  run({ params: { days, mean, swing, noise }, outputs, seed }) {
    const weather = uniform(seed);
    const day = Int32Array.from({ length: days }, (_, i) => i);
    const celsius = Float64Array.from(day, (i) => {
      const season = -Math.cos(2 * Math.PI * i / 365);
      return mean + swing * season + noise * (2 * weather() - 1);
    });
    outputs.measured.append({ day, celsius });
  },
});

/** Numbers in [0, 1) that depend on the seed alone (a linear congruential generator). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
