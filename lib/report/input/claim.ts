/**
 * Claims of the paper as measurable statements, as claims.yaml holds them.
 *
 * @module
 */
import { z } from "zod";
import type { Range } from "../../metrics/intervals.ts";

/** "random_augmented" means cached views where they were run, online ones otherwise. */
const condition = z.enum([
  "random_none",
  "random_augmented",
  "random_cached",
  "random_online",
  "clean_none",
  "clean_augmented",
  "clean_cached",
  "clean_online",
]);

const bank = z.enum(["clean", "noisy"]);

/** What a claim is about; each kind is computed in `measurements.ts`. */
const measurementSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("fit"), condition })
    .describe("share of the training labels that is fitted, %"),
  z.strictObject({ kind: z.literal("knn"), condition })
    .describe("K-NN accuracy of the embedding, %"),
  z.strictObject({ kind: z.literal("knn_gain"), condition })
    .describe("K-NN accuracy of the embedding minus INIT, points"),
  z.strictObject({ kind: z.literal("knn_difference"), condition, minus: condition })
    .describe("K-NN accuracy of the embedding minus another condition's, same seed, points"),
  z.strictObject({ kind: z.literal("first_layer_gain"), condition })
    .describe("clean K-NN accuracy of the encoder's first layer minus INIT, points"),
  z.strictObject({ kind: z.literal("least_layer_gain"), condition })
    .describe("clean K-NN accuracy minus INIT of the encoder layer that gains least, points"),
  z.strictObject({ kind: z.literal("clean_fall"), condition })
    .describe("clean K-NN accuracy of the embedding minus that of the output, points"),
  z.strictObject({ kind: z.literal("encoder_excess"), condition, bank })
    .describe("K-NN accuracy of the encoder's best layer minus chance, points"),
  z.strictObject({ kind: z.literal("output_excess"), condition, bank })
    .describe("K-NN accuracy of the output minus chance, points"),
  z.strictObject({ kind: z.literal("invariance_change"), condition })
    .describe("normalised invariance of the embedding, end minus INIT"),
  z.strictObject({ kind: z.literal("invariance_in_encoder"), condition })
    .describe("fall of the embedding's invariance over the fall of the output's"),
  z.strictObject({ kind: z.literal("invariance_correlation"), condition })
    .describe("correlation of the embedding's invariance with its K-NN error in training"),
  z.strictObject({ kind: z.literal("epochs_ratio"), condition, over: condition })
    .describe("epochs until 99 % of the labels are fitted, over another condition's"),
  z.strictObject({ kind: z.literal("half_gain_epoch"), condition })
    .describe("share of the training after which half of the K-NN gain is reached"),
  z.strictObject({ kind: z.literal("sweep_rise"), condition, axis: z.string() })
    .describe("K-NN accuracy at the axis' highest value minus at its lowest, points"),
  z.strictObject({
    kind: z.literal("sweep_gain"),
    condition,
    axis: z.string(),
    at: z.enum(["lowest", "highest"]),
  }).describe("K-NN accuracy at an end of the axis minus INIT, points"),
  z.strictObject({
    kind: z.literal("sweep_rise_difference"),
    condition,
    minus: condition,
    axis: z.string(),
  }).describe(
    "rise of the K-NN accuracy from the axis' lowest to its highest value, minus another " +
      "condition's, points",
  ),
  z.strictObject({ kind: z.literal("linear_gain"), condition })
    .describe("accuracy of the linear probe minus INIT, points"),
  z.strictObject({ kind: z.literal("transfer_gain"), condition })
    .describe("K-NN accuracy minus INIT on the other data set that gains least, points"),
  z.strictObject({ kind: z.literal("iid_gain"), labels: z.enum(["random", "clean"]) })
    .describe("K-NN accuracy with i.i.d. augmentations minus INIT, points"),
  z.strictObject({ kind: z.literal("iid_difference") })
    .describe("K-NN accuracy, clean labels: i.i.d. augmentations minus all images, points"),
  z.strictObject({ kind: z.literal("capacity_change") })
    .describe("share of per-view labels fitted, most views minus fewest, points"),
  z.strictObject({ kind: z.literal("toy_rise") })
    .describe("K-NN accuracy of the toy encoder, most points minus fewest, points"),
  z.strictObject({ kind: z.literal("identity_error"), condition })
    .describe("largest difference of the loss and Inv + Bias, as a share of the loss"),
  z.strictObject({
    kind: z.literal("axis_gain"),
    axis: z.string(),
    at: z.string(),
    labels: z.enum(["random", "clean"]),
    augmentation: z.array(z.enum(["none", "cached", "online"])),
  }).describe("K-NN accuracy minus INIT, points"),
]);

const claimSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  statement: z.string().min(1),
  section: z.string().min(1),
  figure: z.string().regex(/^[a-z0-9-]+$/),
  /** Absent where no table of the pipeline holds it: the claim is "not run", and `needs` says why. */
  measurement: measurementSchema.optional(),
  needs: z.string().optional(),
  /** The paper's data sets. */
  dataset: z.string().min(1),
  direction: z.enum(["above", "below", "equal"]),
  value: z.number(),
  margin: z.number().min(0),
  /** Seeds needed for an outcome. */
  seeds: z.int().min(1),
  test: z.enum(["mean", "each"]),
  /** Why the paper's claim may not hold here. */
  may_fail: z.string().regex(/\.$/, "must be a sentence"),
  note: z.string().optional(),
}).refine(({ measurement, needs }) => (measurement === undefined) !== (needs === undefined), {
  message: "a claim has either a measurement or says what it needs",
});

/** The content of claims.yaml. */
export const claimsSchema = z.strictObject({
  claims: z.array(claimSchema).refine(
    (claims) => new Set(claims.map(({ id }) => id)).size === claims.length,
    { message: "ids must differ" },
  ),
});

/** What a claim is about. */
export type Measurement = z.infer<typeof measurementSchema>;

/**
 * A claim. "above" holds if the measurement exceeds `value + margin`, "below" if it stays under
 * `value - margin`, "equal" if it lies within `margin` of `value`. The test "mean" asks it of the
 * 95 % interval of the mean over seeds, "each" of every seed. Where two networks' accuracies are
 * compared and their predictions were kept, both also ask it of the interval over test images.
 */
export type Claim = z.infer<typeof claimSchema>;

/** The names of the conditions that claims refer to. */
export type ClaimCondition = z.infer<typeof condition>;

/** What each kind of measurement is, in words. */
export function describeMeasurement({ kind }: Measurement): string {
  return measurementSchema.options.find((option) => option.shape.kind.value === kind)!
    .description!;
}

/** What a measurement can attain: intervals do not reach beyond. */
export function rangeOf({ kind }: Measurement): Range {
  switch (kind) {
    case "fit":
    case "knn":
      return { low: 0, high: 100 };
    case "half_gain_epoch":
      return { low: 0, high: 1 };
    case "invariance_correlation":
      return { low: -1, high: 1 };
    case "epochs_ratio":
    case "identity_error":
      return { low: 0, high: Infinity };
    case "invariance_change":
    case "invariance_in_encoder":
      return { low: -Infinity, high: Infinity };
    default:
      return { low: -100, high: 100 };
  }
}
