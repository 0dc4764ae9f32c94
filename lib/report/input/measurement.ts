/**
 * What claims are about: the kinds of measurements that claims.yaml may name.
 *
 * @module
 */
import { z } from "zod";
import type { Range } from "../../metrics/intervals.ts";

/**
 * "random_augmented" means cached views where they were run, online ones otherwise; "random_control"
 * runs without augmentation for as many epochs as those with it.
 */
const condition = z.enum([
  "random_none",
  "random_control",
  "random_augmented",
  "random_cached",
  "random_online",
  "clean_none",
  "clean_augmented",
  "clean_cached",
  "clean_online",
]);

const bank = z.enum(["clean", "noisy"]);
const axis = z.string().min(1);

/** Each kind is computed in `lib/report/claims`; trends follow their points in order. */
export const measurementSchema = z.discriminatedUnion("kind", [
  // Fit
  z.strictObject({ kind: z.literal("fit"), condition })
    .describe("share of the training labels that is fitted, %"),
  z.strictObject({ kind: z.literal("fits"), conditions: z.array(condition).min(1) })
    .describe("share of the training labels that is fitted, %, condition by condition"),
  z.strictObject({ kind: z.literal("epochs_ratio"), condition, over: condition })
    .describe("epochs until 99 % of the labels are fitted, over another condition's"),
  z.strictObject({ kind: z.literal("plateau"), condition })
    .describe("share of the training before a tenth of all progress is made"),

  // The embedding's accuracy
  z.strictObject({ kind: z.literal("knn"), condition })
    .describe("K-NN accuracy of the embedding, %"),
  z.strictObject({ kind: z.literal("knn_excess"), condition })
    .describe("K-NN accuracy of the embedding minus chance, points"),
  z.strictObject({ kind: z.literal("own_excess"), condition })
    .describe(
      "share of test images whose true class the network itself answers, minus chance, points",
    ),
  z.strictObject({ kind: z.literal("knn_gain"), condition })
    .describe("K-NN accuracy of the embedding minus INIT, points"),
  z.strictObject({ kind: z.literal("knn_difference"), condition, minus: condition })
    .describe("K-NN accuracy of the embedding minus another condition's, same seed, points"),
  z.strictObject({
    kind: z.literal("gap_difference"),
    gap: z.tuple([condition, condition]),
    minus: z.tuple([condition, condition]),
  }).describe("gap in K-NN accuracy of two conditions minus that of two others, points"),
  z.strictObject({
    kind: z.literal("axis_gain"),
    axis,
    at: z.string(),
    labels: z.enum(["random", "clean"]),
    augmentation: z.array(z.enum(["none", "cached", "online"])),
  }).describe("K-NN accuracy of the embedding minus INIT, points"),
  z.strictObject({ kind: z.literal("iid_gain"), labels: z.enum(["random", "clean"]) })
    .describe("K-NN accuracy with i.i.d. augmentations minus INIT, points"),
  z.strictObject({ kind: z.literal("iid_difference") })
    .describe("K-NN accuracy, clean labels: i.i.d. augmentations minus all images, points"),

  // Layer by layer
  z.strictObject({ kind: z.literal("first_layer_kept"), condition })
    .describe("of what the first layer has above chance at INIT, the share that it has at the end"),
  z.strictObject({ kind: z.literal("layer_gains"), condition })
    .describe("clean K-NN accuracy minus INIT, points, layer by layer of the encoder"),
  z.strictObject({ kind: z.literal("layer_gain_trend"), condition })
    .describe("clean K-NN accuracy minus INIT along the layers of the encoder"),
  z.strictObject({ kind: z.literal("output_loss"), condition })
    .describe(
      "of what clean probing has above chance at the embedding, the share that the output lacks",
    ),
  z.strictObject({ kind: z.literal("output_excess"), condition, bank })
    .describe("K-NN accuracy of the output minus chance, points"),
  z.strictObject({ kind: z.literal("output_memory"), condition })
    .describe("of the way from chance to 100 %, the share that noisy probing of the output goes"),
  z.strictObject({ kind: z.literal("encoder_excess"), condition, bank })
    .describe("K-NN accuracy minus chance, points, layer by layer of the encoder"),
  z.strictObject({ kind: z.literal("encoder_memory"), condition })
    .describe(
      "of what noisy probing of the output has above chance, the share that the embedding has",
    ),

  // Invariance
  z.strictObject({ kind: z.literal("invariance_trend"), condition })
    .describe("normalised invariance of the embedding along the epochs"),
  z.strictObject({ kind: z.literal("invariance_difference"), condition, minus: condition })
    .describe("normalised invariance of the embedding minus another condition's at the same epoch"),
  z.strictObject({ kind: z.literal("invariance_correlation"), condition })
    .describe("correlation of the embedding's invariance with its K-NN error in training"),
  z.strictObject({ kind: z.literal("invariance_in_encoder"), condition })
    .describe("fall of the embedding's invariance minus half of the fall of the output's"),

  // Sweeps
  z.strictObject({
    kind: z.literal("sweep_trend"),
    condition,
    axis,
    fitted: z.boolean().default(false)
      .describe("Only points at which 99 % of the labels are fitted"),
  }).describe("K-NN accuracy of the embedding along the axis"),
  z.strictObject({ kind: z.literal("sweep_gap_trend"), condition, minus: condition, axis })
    .describe("K-NN accuracy minus another condition's along the axis"),
  z.strictObject({ kind: z.literal("sweep_gaps"), condition, minus: condition, axis })
    .describe(
      "K-NN accuracy minus another condition's, points, at each value between the axis' ends",
    ),
  z.strictObject({ kind: z.literal("sweep_crossing"), condition, axis })
    .describe(
      "INIT minus K-NN accuracy at the lowest value, and K-NN accuracy minus INIT at the highest",
    ),
  z.strictObject({ kind: z.literal("sweep_gain"), condition, axis })
    .describe("K-NN accuracy at the axis' highest value minus INIT, points"),
  z.strictObject({ kind: z.literal("sweep_plateau"), condition, axis })
    .describe(
      "half of the rise of K-NN accuracy per doubling before the last value, minus that at it",
    ),
  z.strictObject({ kind: z.literal("sweep_threshold"), condition, axis })
    .describe("share of labels fitted at the axis' highest value minus that at its lowest, points"),

  // Other experiments
  z.strictObject({ kind: z.literal("linear_gain"), condition })
    .describe("accuracy of the linear probe minus INIT, points"),
  z.strictObject({ kind: z.literal("linear_excess"), condition })
    .describe("accuracy of the linear probe minus chance, points"),
  z.strictObject({ kind: z.literal("transfer_gain"), condition })
    .describe("K-NN accuracy minus INIT, points, on each other data set"),
  z.strictObject({ kind: z.literal("transfer_difference"), condition, minus: condition })
    .describe("K-NN accuracy minus another condition's, points, on each other data set"),
  z.strictObject({ kind: z.literal("capacity_trend") })
    .describe("share of per-view labels fitted along the number of views"),
  z.strictObject({ kind: z.literal("capacity_fit") })
    .describe("share of per-view labels fitted with most views of most images, %"),
  z.strictObject({ kind: z.literal("toy_trend"), along: z.enum(["samples", "views"]) })
    .describe("K-NN accuracy of the toy encoder along the number of samples or of views"),
]);

/** What a claim is about. */
export type Measurement = z.output<typeof measurementSchema>;

/** The kinds of measurements. */
export type MeasurementKind = Measurement["kind"];

/** The names of the conditions that claims refer to. */
export type ClaimCondition = z.output<typeof condition>;

/** The kinds that follow points in order; all others are values, one a seed. */
const TRENDS: readonly MeasurementKind[] = [
  "layer_gain_trend",
  "invariance_trend",
  "sweep_trend",
  "sweep_gap_trend",
  "capacity_trend",
  "toy_trend",
];

/** Whether a kind follows points in order. */
export function isTrend({ kind }: Measurement): boolean {
  return TRENDS.includes(kind);
}

/** What each kind of measurement is, in words. */
export function describeMeasurement({ kind }: Measurement): string {
  return measurementSchema.options.find((option) => option.shape.kind.value === kind)!
    .description!;
}

const PERCENT: Range = { low: 0, high: 100 };
const ANY: Range = { low: -Infinity, high: Infinity };

/** What a measurement can attain: intervals do not reach beyond. */
export function rangeOf({ kind }: Measurement): Range {
  switch (kind) {
    case "fit":
    case "fits":
    case "knn":
    case "capacity_fit":
      return PERCENT;
    case "plateau":
      return { low: 0, high: 1 };
    case "invariance_correlation":
      return { low: -1, high: 1 };
    case "epochs_ratio":
      return { low: 0, high: Infinity };
    default:
      return ANY;
  }
}
