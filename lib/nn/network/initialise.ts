/**
 * First values of parameters, each from a random stream of its own name: they do not depend on
 * the order of the parameters nor on what else the network has.
 *
 * @module
 */
import type { RandomSource } from "../../random/random.ts";
import type { ParameterSpec } from "./layers.ts";

/** Draws the values of a parameter, in row-major order. */
export function initialValues(spec: ParameterSpec, random: RandomSource): Float32Array {
  const values = new Float32Array(spec.shape.reduce((size, side) => size * side, 1));
  const { initial } = spec;
  if (initial.kind === "constant") return values.fill(initial.value);
  const stream = random.stream(`initialise ${spec.name}`);
  if (initial.kind === "normal") {
    for (let i = 0; i < values.length; i++) values[i] = initial.deviation * stream.normal();
  } else {
    const { bound } = initial;
    for (let i = 0; i < values.length; i++) values[i] = stream.uniformBetween(-bound, bound);
  }
  return values;
}
