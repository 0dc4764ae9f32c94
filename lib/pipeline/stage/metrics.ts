/**
 * Metrics: the final numbers of an execution.
 *
 * @module
 */

/** Adds metrics. @throws {TypeError} if one is not a finite number, which no file could hold. */
export function addMetrics(
  metrics: Map<string, number>,
  values: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isFinite(value)) {
      throw new TypeError(
        `Cannot record metric "${name}" as it must be a finite number: current value is ${value}; ` +
          "leave it out, or log it",
      );
    }
    metrics.set(name, value);
  }
}
