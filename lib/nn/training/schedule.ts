/**
 * How the learning rate changes over a run.
 *
 * @module
 */

/** The shape of the learning rate over a run, as a factor of its base value. */
export type ScheduleConfig =
  & {
    /** Epochs over which the rate rises linearly from 0 first. @default {0} */
    readonly warmupEpochs?: number;
  }
  & (
    | { readonly kind: "constant" }
    /** x0.1 after each third of the epochs. */
    | { readonly kind: "thirds" }
    /** Half a cosine from 1 down to `floor` (a fraction of the base value). */
    | { readonly kind: "cosine"; readonly floor: number }
  );

/** The length of a run, in which a step has its place. */
export interface Span {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
}

/**
 * The factor of the base learning rate at a step.
 *
 * @param step Steps done before, from 0.
 */
export function scheduleFactor(config: ScheduleConfig, step: number, span: Span): number {
  const epoch = step / span.stepsPerEpoch;
  const warmup = config.warmupEpochs ?? 0;
  if (epoch < warmup) return (step + 1) / Math.ceil(warmup * span.stepsPerEpoch);
  return shape(config, Math.min(1, (epoch - warmup) / (span.epochs - warmup)));
}

/**
 * Whether the learning rate of a step depends on how many epochs the whole run has. If not, a
 * longer run goes on from a shorter one.
 */
export function dependsOnEpochs(config: ScheduleConfig): boolean {
  return config.kind !== "constant";
}

/** The factor after the given fraction of the time that follows the warm-up. */
function shape(config: ScheduleConfig, fraction: number): number {
  switch (config.kind) {
    case "constant":
      return 1;
    case "thirds":
      return 0.1 ** Math.min(2, Math.floor(3 * fraction + 1e-9));
    case "cosine":
      return config.floor + (1 - config.floor) * (1 + Math.cos(Math.PI * fraction)) / 2;
  }
}
