/**
 * How numbers are written.
 *
 * @module
 */
import type { Estimate } from "./estimate.ts";

/** A share as percent with one decimal, without the sign: 0.4912 is "49.1". */
export function percent(share: number): string {
  return (100 * share).toFixed(1);
}

/** A mean with interval and n: "49.1 % [45.0, 53.2], n = 3". */
export function estimateText({ mean, low, high, n }: Estimate): string {
  const interval = low === null || high === null ? "" : ` [${percent(low)}, ${percent(high)}]`;
  return `${percent(mean)} %${interval}, n = ${n}`;
}

/** A difference of shares in percentage points, signed: "+31.2", "−1.2", "0.0". */
export function points(difference: number): string {
  const size = Math.abs(100 * difference).toFixed(1);
  if (Number(size) === 0) return size;
  return `${difference > 0 ? "+" : "−"}${size}`;
}

/** A key short enough to read, long enough to find. */
export function shortKey(key: string): string {
  return key.slice(0, 10);
}

/** "a", "a and b", "a, b and c". */
export function listText(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** Any setting as a reader would write it. */
export function settingText(value: unknown): string {
  if (value === null) return "none";
  if (Array.isArray(value)) return value.map(settingText).join(", ");
  if (typeof value !== "object") return String(value);
  return Object.entries(value).map(([key, each]) => `${key} ${settingText(each)}`).join(", ");
}
