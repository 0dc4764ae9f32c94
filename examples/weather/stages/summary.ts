/**
 * Compares the stations: a table for programs and a text for people.
 *
 * @module
 */
import { z } from "zod";
import { committed, defineStage, gather, published } from "../../../lib/pipeline/mod.ts";
import { rangeSchema, temperatureSchema } from "../schemas.ts";

export default defineStage({
  description: "Compares the stations",
  params: z.object({}),
  inputs: { smoothed: gather(temperatureSchema.pick("celsius")) },
  outputs: { ranges: committed(rangeSchema), report: published({ show: "summary.txt" }) },
  run({ inputs: { smoothed }, outputs }) {
    const groups = Map.groupBy(smoothed, ({ axes }) => `${axes.station} ${axes.window}`);
    const ranges = [...groups.values()].map((members) => {
      const { station, window } = members[0].axes;
      const columns = members.map(({ table }) => table.column("celsius"));
      return {
        station,
        window: Number(window),
        coldest: mean(columns.map((celsius) => Math.min(...celsius))),
        warmest: mean(columns.map((celsius) => Math.max(...celsius))),
      };
    });
    outputs.ranges.append({
      station: ranges.map(({ station }) => station),
      window: Int32Array.from(ranges, ({ window }) => window),
      coldest: Float64Array.from(ranges, ({ coldest }) => coldest),
      warmest: Float64Array.from(ranges, ({ warmest }) => warmest),
    });
    const lines = ranges.map(({ station, window, coldest, warmest }) =>
      `${station}, mean of ${window} days: ${coldest.toFixed(1)} to ${warmest.toFixed(1)} °C`
    );
    outputs.report.write("summary.txt", `${lines.join("\n")}\n`);
  },
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
