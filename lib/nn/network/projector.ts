/**
 * The projector: fully connected layers without bias that map embeddings [N,D] to outputs [N,C].
 *
 * @module
 */
import { OUTPUT, PROJECTOR } from "../../tables/layer_names.ts";
import type { Part } from "./encoder.ts";
import { linear, relu, sequence } from "./layers.ts";

/**
 * Builds Linear(D, H), ReLU, Linear(H, C); with several hidden widths as many hidden layers.
 * The last hidden layer (after its ReLU) is the part "P", those before it are "P1", "P2", ...;
 * the output is "O".
 *
 * @param inputs D
 * @param hidden H, or the widths of several hidden layers.
 * @param classes C
 */
export function buildProjector(inputs: number, hidden: readonly number[], classes: number): Part[] {
  const widths = [inputs, ...hidden, classes];
  return widths.slice(1).map((outputs, i): Part => {
    const layer = linear(`projector.${2 * i}`, widths[i], outputs, { bias: false });
    if (i === hidden.length) return { name: OUTPUT, layer };
    const name = i === hidden.length - 1 ? PROJECTOR : `${PROJECTOR}${i + 1}`;
    return { name, layer: sequence(layer, relu) };
  });
}
