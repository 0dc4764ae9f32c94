/**
 * A forecast as `status` and `-n` show it, with the time that it will take.
 *
 * @module
 */
import type { ForecastLine } from "../freshness/forecast.ts";
import { count, formatSeconds } from "../../base/format.ts";

/**
 * Prints a forecast for people, or as JSON lines.
 *
 * @param slots Jobs that may run in parallel.
 */
export function printForecast(
  lines: readonly ForecastLine[],
  { asJson, slots }: { asJson: boolean; slots: number },
): void {
  if (asJson) {
    for (const { needs: _, ...line } of lines) {
      console.log(JSON.stringify({ event: "forecast", ...line }));
    }
    return;
  }
  const width = Math.max(...lines.map(({ instance }) => instance.length));
  for (const { instance, outcome, reason, expectedSeconds } of lines) {
    const time = expectedSeconds ? `  (${formatSeconds(expectedSeconds)} last time)` : "";
    console.log(`${outcome.padEnd(8)} ${instance.padEnd(width)}  ${reason}${time}`);
  }
  console.log(summarize(lines, slots));
}

function summarize(lines: readonly ForecastLine[], slots: number): string {
  const of = (outcome: ForecastLine["outcome"]) => lines.filter((line) => line.outcome === outcome);
  const pending = of("pending");
  const executing = [...of("run"), ...pending.filter(({ expected }) => expected !== "fresh")];
  if (of("fresh").length === lines.length) {
    return `everything is fresh: ${count(lines.length, "instance")}`;
  }
  const cutOff = pending.filter(({ expected }) => expected === "fresh").length;
  const parts = [
    `${of("fresh").length} fresh`,
    `${of("restore").length} to restore`,
    `${of("run").length} to run`,
    `${pending.length} pending${cutOff > 0 ? ` (${cutOff} expected to be cut off)` : ""}`,
  ];
  return executing.length === 0 ? parts.join(", ") : `${parts.join(", ")}; ${price(lines, slots)}`;
}

/** The time of a forecast: all work, and how long it takes on the slots. */
function price(lines: readonly ForecastLine[], slots: number): string {
  const work = lines.reduce((sum, { expectedSeconds }) => sum + (expectedSeconds ?? 0), 0);
  const unknown = lines.filter(({ expectedSeconds }) => expectedSeconds === null).length;
  const isOpen = lines.some(({ expected }) => expected === "open");
  const share = Math.max(work / slots, longestChain(lines));
  const known = work === 0 ? [] : [
    `${isOpen ? "at most" : "about"} ${formatSeconds(work)} of work, ` +
    `${formatSeconds(share)} on ${count(slots, "slot")}`,
  ];
  return [...known, ...unknown > 0 ? [`${unknown} never ran`] : []].join("; ");
}

/** Seconds of the longest chain of instances that wait for each other. */
function longestChain(lines: readonly ForecastLine[]): number {
  const ends = new Map<string, number>();
  for (const { instance, needs, expectedSeconds } of lines) {
    const start = Math.max(0, ...needs.map((name) => ends.get(name) ?? 0));
    ends.set(instance, start + (expectedSeconds ?? 0));
  }
  return Math.max(0, ...ends.values());
}
