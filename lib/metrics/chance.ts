/**
 * What a K-NN probe scores when labels carry no information: the level that a probe of random
 * labels is compared with.
 *
 * @module
 */

/** The setting of a probe of labels that are independent and uniform over the classes. */
export interface ChanceSetting {
  /** C, the number of classes. */
  readonly classes: number;
  /** K, the number of neighbours that vote. */
  readonly neighbours: number;
  /** Whether a query's own row is among its neighbours. */
  readonly self: "include" | "exclude";
}

/**
 * The expected accuracy of the majority vote (ties to the smallest label) on labels of pure noise.
 *
 * Without the query's own row it is 1 / C. With it, label y has one vote for certain. It wins with m
 * of the other K - 1 votes if every smaller label has at most m votes and every larger one at most
 * m + 1; the number of such votes is read off a product of truncated exponential series.
 *
 * @returns A probability; 0.22 for C = 10 and K = 20 with the own row included.
 */
export function chanceAccuracy({ classes, neighbours, self }: ChanceSetting): number {
  if (self === "exclude") return 1 / classes;
  const others = neighbours - 1;
  let sum = 0;
  for (let own = 0; own <= others; own++) {
    const below = powers(truncatedExponential(own, others), classes - 1);
    const above = powers(truncatedExponential(own + 1, others), classes - 1);
    for (let label = 0; label < classes; label++) {
      const rest = coefficient(below[label], above[classes - 1 - label], others - own);
      sum += rest / factorial(own);
    }
  }
  return sum * factorial(others) / classes ** others / classes;
}

/** Coefficients of sum over j <= `last` of t^j / j!, up to degree `degree`. */
function truncatedExponential(last: number, degree: number): Float64Array {
  return Float64Array.from(
    { length: degree + 1 },
    (_, j) => j <= last ? 1 / factorial(j) : 0,
  );
}

/** The powers 0 to `count` of a polynomial, cut off at its own length. */
function powers(base: Float64Array, count: number): Float64Array[] {
  const result = [base.map((_, j) => j === 0 ? 1 : 0)];
  for (let i = 0; i < count; i++) {
    result.push(base.map((_, degree) => coefficient(result[i], base, degree)));
  }
  return result;
}

/** The coefficient of t^degree in the product of two polynomials. */
function coefficient(a: Float64Array, b: Float64Array, degree: number): number {
  let sum = 0;
  for (let j = 0; j <= degree; j++) sum += a[j] * b[degree - j];
  return sum;
}

function factorial(n: number): number {
  let product = 1;
  for (let i = 2; i <= n; i++) product *= i;
  return product;
}
