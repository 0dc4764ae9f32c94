/**
 * The claims for readers.
 *
 * @module
 */
import { listText } from "../format.ts";
import type { ViewTable } from "../view_table.ts";
import type { JudgedClaim, Outcome } from "./evaluate.ts";

const OUTCOMES: readonly Outcome[] = ["supported", "not supported", "not enough data", "not run"];

/** "35 claims: 16 supported, 2 not supported, 1 not enough data and 16 not run." */
export function outcomeCounts(claims: readonly JudgedClaim[]): string {
  const counts = OUTCOMES
    .map((outcome) => ({
      outcome,
      count: claims.filter((each) => each.outcome === outcome).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ outcome, count }) => `${count} ${outcome}`);
  return counts.length === 0
    ? "No claims are given."
    : `${claims.length} claims: ${listText(counts)}.`;
}

/** One row a claim: those that were judged come first. */
export function claimsTable(claims: readonly JudgedClaim[]): ViewTable {
  const ordered = claims.toSorted((a, b) =>
    OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome)
  );
  return {
    caption: "Outcomes by the rules of claims.yaml; n is the number of seeds",
    columns: [
      { title: "Claim" },
      { title: "Outcome" },
      { title: "n", numeric: true },
      { title: "Section" },
      { title: "Evidence" },
    ],
    rows: ordered.map(({ claim, outcome, n, evidence }) => [
      { text: claim.statement },
      { text: outcome, kind: outcome, order: OUTCOMES.indexOf(outcome) },
      { text: `${n}`, order: n },
      { text: claim.section },
      { text: claim.note === undefined ? evidence : `${evidence}. ${claim.note}` },
    ]),
  };
}
