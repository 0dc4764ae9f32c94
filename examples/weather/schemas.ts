/**
 * The tables of the weather example.
 *
 * @module
 */
import { defineSchema, float64, int32, utf8 } from "../../lib/arrow/schema.ts";

/** Daily temperatures. */
export const temperatureSchema = defineSchema("temperatures", {
  day: int32("Day of the year, from 0"),
  celsius: float64("Mean temperature of the day in degrees Celsius"),
});

/** What the smoothed temperatures of a station range over. */
export const rangeSchema = defineSchema("ranges", {
  station: utf8("Name of the station"),
  window: int32("Days that the mean was taken over"),
  coldest: float64("Lowest smoothed temperature in degrees Celsius, averaged over the seeds"),
  warmest: float64("Highest smoothed temperature in degrees Celsius, averaged over the seeds"),
});
