/**
 * Takes the mean over a window of days.
 *
 * @module
 */
import { z } from "zod";
import { defineStage } from "../../../lib/pipeline/mod.ts";
import { temperatureSchema } from "../schemas.ts";

export default defineStage({
  description: "Takes the mean over a window of days",
  params: z.object({ window: z.int().min(1).describe("Days that the mean is taken over") }),
  inputs: { measured: temperatureSchema },
  outputs: { smoothed: temperatureSchema },
  run({ params: { window }, inputs: { measured }, outputs, metrics }) {
    const celsius = measured.column("celsius");
    if (celsius.length < window) {
      throw new RangeError(
        `Cannot smooth as there must be ${window} days: current value is ${celsius.length}`,
      );
    }
    const length = celsius.length - window + 1;
    const smoothed = Float64Array.from({ length }, (_, start) => {
      const days = celsius.subarray(start, start + window);
      return days.reduce((sum, value) => sum + value, 0) / window;
    });
    metrics({ coldest: Math.min(...smoothed), warmest: Math.max(...smoothed) });
    outputs.smoothed.append({ day: measured.column("day").subarray(0, length), celsius: smoothed });
  },
});
