/** The small networks of tests/golden/nn/make_parity.py, with the layers of the full-size ones. */
import type { StateEntry } from "../../lib/nn/network/checkpoint.ts";
import type { LossConfig } from "../../lib/nn/training/loss.ts";
import type { NetworkConfig } from "../../lib/nn/network/network.ts";
import type { Golden } from "./golden.ts";

export interface Case {
  readonly network: NetworkConfig;
  readonly loss: LossConfig;
}

const classes = 5;

export const cases: Record<string, Case> = {
  "resnet18": {
    network: {
      encoder: { kind: "resnet", widths: [4, 6, 8, 10], blocks: [2, 2, 2, 2] },
      hidden: [24],
      classes,
      images: [16, 16, 3],
    },
    loss: { kind: "mse" },
  },
  "resnet-stride2": {
    network: {
      encoder: { kind: "resnet", widths: [4, 6], blocks: [1, 1], stemStride: 2 },
      hidden: [16],
      classes,
      images: [16, 16, 3],
    },
    loss: { kind: "cross-entropy" },
  },
  "narrow": {
    network: {
      encoder: { kind: "resnet", widths: [4, 8, 12], blocks: [1, 1, 1] },
      hidden: [16, 12],
      classes,
      images: [16, 16, 3],
    },
    loss: { kind: "mse", scale: classes },
  },
  "vgg11": {
    network: {
      encoder: { kind: "vgg", groups: [[4], [6], [8, 8], [10, 10], [10, 10]] },
      hidden: [16],
      classes,
      images: [32, 32, 3],
    },
    loss: { kind: "mse" },
  },
  "vgg-stride2": {
    network: {
      encoder: { kind: "vgg", groups: [[4], [6]], stemStride: 2 },
      hidden: [16],
      classes,
      images: [16, 16, 3],
    },
    loss: { kind: "cross-entropy" },
  },
  "mlp": {
    network: {
      encoder: { kind: "mlp", widths: [16, 12] },
      hidden: [16],
      classes,
      images: [8, 8, 3],
    },
    loss: { kind: "mse" },
  },
};

/** The golden tensors below a prefix, as a state. */
export function stateOf(golden: Map<string, Golden>, prefix: string): StateEntry[] {
  return [...golden.values()].filter(({ name }) => name.startsWith(`${prefix}/`))
    .filter(({ name }) => name !== `${prefix}/losses`)
    .map(({ name, shape, values }) => ({ name: name.slice(prefix.length + 1), shape, values }));
}
