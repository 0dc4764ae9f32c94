/**
 * A claim on its way from measured to judged.
 *
 * @module
 */
import type { Range } from "../../metrics/intervals.ts";
import type { Claim } from "../input/claim.ts";
import type { Effect } from "./effect.ts";
import type { Quantity } from "./quantity.ts";
import type { Test } from "./tests.ts";

/** In the order of tables. */
export const OUTCOMES = [
  "supported",
  "not supported",
  "not enough data",
  "not applicable",
  "not run",
] as const;

/** What came of a claim. */
export type Outcome = (typeof OUTCOMES)[number];

/** A claim with its outcome. */
export interface JudgedClaim {
  readonly claim: Claim;
  readonly outcome: Outcome;
  /** Number of seeds. */
  readonly n: number;
  /** How large it is, part by part. */
  readonly effects: readonly Effect[];
  readonly evidence: string;
  /** Digest of the tables that the outcome rests on; `null` where none was read. */
  readonly data: string | null;
}

/** A p-value, and what it is among many. */
export interface Significance {
  /** The largest of the tests' p-values, as all must pass. */
  readonly pValue: number;
  /** After the correction of Benjamini and Hochberg. */
  readonly adjusted: number;
  /** Number of claims with p-values. */
  readonly claims: number;
}

/** A claim with what was measured. */
export interface MeasuredClaim {
  readonly claim: Claim;
  readonly quantity: Quantity;
  /** In which the claim holds. */
  readonly range: Range;
  readonly tests: readonly Test[];
  /** Why the paper's statement says nothing of these runs; `null` where it does. */
  readonly obstacle: string | null;
  readonly data: string | null;
}
