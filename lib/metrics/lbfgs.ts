/**
 * L-BFGS for smooth convex functions of many variables (Nocedal and Wright 2006, algorithm 7.5),
 * with a bisecting line search for the weak Wolfe conditions (Lewis and Overton 2013).
 *
 * @module
 */

/** A function's value and gradient at a point. */
export interface Evaluation {
  readonly value: number;
  /** Shape of the point. */
  readonly gradient: Float64Array;
}

/** Computes value and gradient; must not keep or change the point. */
export type Objective = (point: Float64Array) => Evaluation | Promise<Evaluation>;

/** Settings of {@link minimize}. */
export interface MinimizeOptions {
  /** Ends when no component of the gradient exceeds this in magnitude. @default {1e-5} */
  gradientTolerance?: number;
  /** @default {1000} */
  maxIterations?: number;
  /** How many past steps model the curvature. @default {10} */
  memory?: number;
}

/** Where the minimisation ended. */
export interface Minimum extends Evaluation {
  readonly point: Float64Array;
  readonly iterations: number;
  /** Whether the gradient met the tolerance; if not, iterations or numerical precision ran out. */
  readonly converged: boolean;
}

/** A step s, the change y of the gradient over it, and 1 / (s y). */
interface Curvature {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly scale: number;
}

/** Share of the predicted decrease that a step must achieve. */
const SUFFICIENT_DECREASE = 1e-4;
/** Share of the slope that may be left after a step. */
const REMAINING_SLOPE = 0.9;
/** Halvings and doublings after which a line search finds only rounding errors. */
const MAX_TRIALS = 40;

/** Minimises a function from a starting point. */
export async function minimize(
  objective: Objective,
  start: Float64Array,
  options: MinimizeOptions = {},
): Promise<Minimum> {
  const { gradientTolerance = 1e-5, maxIterations = 1000, memory = 10 } = options;
  const past: Curvature[] = [];
  let point = start;
  let current = await objective(point);
  for (let iterations = 0;; iterations++) {
    const converged = current.gradient.every((g) => Math.abs(g) <= gradientTolerance);
    if (converged || iterations === maxIterations) {
      return { ...current, point, iterations, converged };
    }
    const found = await searchLine(objective, point, current, descent(current.gradient, past));
    if (found === null) return { ...current, point, iterations, converged: false };
    remember(past, difference(found.point, point), difference(found.gradient, current.gradient));
    if (past.length > memory) past.shift();
    point = found.point;
    current = found;
  }
}

/** The quasi-Newton direction: the two-loop recursion. */
function descent(gradient: Float64Array, past: readonly Curvature[]): Float64Array {
  const direction = gradient.map((g) => -g);
  const weights = new Float64Array(past.length);
  for (let i = past.length - 1; i >= 0; i--) {
    weights[i] = past[i].scale * dot(past[i].step, direction);
    addScaled(direction, -weights[i], past[i].change);
  }
  const last = past.at(-1);
  const scale = last === undefined
    ? 1 / Math.max(1, Math.sqrt(dot(gradient, gradient)))
    : 1 / (last.scale * dot(last.change, last.change));
  for (let i = 0; i < direction.length; i++) direction[i] *= scale;
  past.forEach(({ step, change, scale }, i) => {
    addScaled(direction, weights[i] - scale * dot(change, direction), step);
  });
  return direction;
}

/** Finds a step length that fulfils the weak Wolfe conditions; null if rounding hides every one. */
async function searchLine(
  objective: Objective,
  point: Float64Array,
  { value, gradient }: Evaluation,
  direction: Float64Array,
): Promise<Evaluation & { point: Float64Array } | null> {
  const slope = dot(gradient, direction);
  let low = 0, high = Infinity, length = 1;
  for (let trial = 0; trial < MAX_TRIALS; trial++) {
    const next = point.map((x, i) => x + length * direction[i]);
    const found = await objective(next);
    if (!(found.value <= value + SUFFICIENT_DECREASE * length * slope)) high = length;
    else if (dot(found.gradient, direction) < REMAINING_SLOPE * slope) low = length;
    else return { ...found, point: next };
    length = high === Infinity ? 2 * low : (low + high) / 2;
  }
  return null;
}

/** Keeps a step whose curvature is positive, as any is that fulfils the Wolfe conditions. */
function remember(past: Curvature[], step: Float64Array, change: Float64Array): void {
  const curvature = dot(step, change);
  if (curvature > 0) past.push({ step, change, scale: 1 / curvature });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function addScaled(target: Float64Array, factor: number, source: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] += factor * source[i];
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((x, i) => x - b[i]);
}
