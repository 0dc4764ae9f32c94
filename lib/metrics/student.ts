/**
 * Student's t distribution, for intervals over few seeds.
 *
 * @module
 */

/**
 * The probability that |T| <= t, for T with a whole number of degrees of freedom (Abramowitz and
 * Stegun 1964, 26.7.3 and 26.7.4: a finite sum, exact up to rounding).
 *
 * @param t At least 0.
 * @param degrees Degrees of freedom, a positive integer.
 */
export function studentCentralProbability(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const odd = degrees % 2;
  const cosine = Math.cos(angle);
  let term = odd === 1 ? cosine : 1;
  let sum = 0;
  for (let j = odd; j <= degrees - 2; j += 2) {
    sum += term;
    term *= cosine * cosine * (j + 1) / (j + 2);
  }
  return odd === 1 ? 2 / Math.PI * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}

/**
 * The t for which |T| <= t has the given probability.
 *
 * @param probability In (0, 1).
 * @param degrees Degrees of freedom, a positive integer.
 * @throws {RangeError} If either is out of range.
 */
export function studentCentralQuantile(probability: number, degrees: number): number {
  if (!(probability > 0 && probability < 1) || !Number.isInteger(degrees) || degrees < 1) {
    throw new RangeError(
      `Cannot compute a quantile of Student's t as the probability must lie between 0 and 1 and ` +
        `the degrees of freedom be a positive integer: current value is ${probability} and ` +
        `${degrees}`,
    );
  }
  // The angle atan(t / sqrt(degrees)) lies in a bounded range, so bisection needs no bracket.
  let low = 0, high = Math.PI / 2;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    const t = Math.tan(middle) * Math.sqrt(degrees);
    if (studentCentralProbability(t, degrees) < probability) low = middle;
    else high = middle;
  }
  return Math.tan((low + high) / 2) * Math.sqrt(degrees);
}
