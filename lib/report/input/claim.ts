/**
 * Claims of the paper as measurable statements, as claims.yaml holds them.
 *
 * @module
 */
import { z } from "zod";
import { isTrend, measurementSchema } from "./measurement.ts";

/**
 * A number in the measurement's unit, or a share of what INIT's K-NN accuracy has above chance, in
 * points: an untrained encoder's accuracy is the natural unit of what training adds or costs.
 */
const amount = z.union([z.number(), z.strictObject({ of_init: z.number().positive() })]);

const claimSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  /** The paper's words stand between “ and ”. */
  statement: z.string().min(1),
  section: z.string().min(1),
  figure: z.string().regex(/^[a-z0-9-]+$/),
  measurement: measurementSchema,
  /** The paper's data sets. */
  dataset: z.string().min(1),
  direction: z.enum(["above", "below", "equal", "rises", "falls"]),
  value: amount.default(0),
  /** How far from the value "equal" reaches. */
  margin: amount.optional(),
  /** Seeds needed for an outcome. */
  seeds: z.int().min(1).default(3),
  test: z.enum(["mean", "each"]).default("mean"),
  /** Whether the statement is about memorization: Definition 4.1 then asks for a perfect fit. */
  memorization: z.boolean().default(false),
  /** Settings of the pipeline or of the training without which the statement says nothing. */
  only: z.record(z.string(), z.unknown()).optional(),
  /** A claim whose runs and measurement this one shares, wholly or in part. */
  shares: z.string().optional(),
  /** Why the paper's claim may not hold here. */
  may_fail: z.string().regex(/\.$/, "must be a sentence"),
  note: z.string().optional(),
}).refine(
  ({ direction, margin }) => (direction === "equal") === (margin !== undefined),
  { message: 'only "equal" has a margin, and it needs one' },
).refine(
  ({ measurement, direction }) => isTrend(measurement) === ["rises", "falls"].includes(direction),
  { message: 'a trend "rises" or "falls"; all else is "above", "below" or "equal" to a value' },
);

/** The content of claims.yaml. */
export const claimsSchema = z.strictObject({
  claims: z.array(claimSchema).refine(
    (claims) => new Set(claims.map(({ id }) => id)).size === claims.length,
    { message: "ids must differ" },
  ).refine(
    (claims) => claims.every(({ shares }) => !shares || claims.some(({ id }) => id === shares)),
    { message: "a claim can only share the runs of another claim" },
  ),
});

/** A bound or a margin. */
export type Amount = z.output<typeof amount>;

/**
 * A claim. Its measurement is to lie "above" or "below" a value, or within a margin of it, "equal":
 * by one-sided tests of the mean over seeds, or, of the test "each", by every seed. A trend "rises" or
 * "falls" by Page's test. Where two networks' accuracies are compared and their predictions were kept,
 * the test images have to agree.
 */
export type Claim = z.output<typeof claimSchema>;
