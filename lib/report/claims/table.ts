/**
 * The claims for readers.
 *
 * @module
 */
import { listText } from "../render/format.ts";
import type { ViewTable } from "../render/view_table.ts";
import { type JudgedClaim, OUTCOMES } from "./judged.ts";
import { LEVEL } from "./tests.ts";

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

/** One row per claim: those that were judged come first. */
export function claimsTable(claims: readonly JudgedClaim[]): ViewTable {
  const ordered = claims.toSorted((a, b) =>
    OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome)
  );
  return {
    caption:
      "Outcomes by the rules of claims.yaml; n is the number of seeds; p-values are corrected " +
      `for many claims after Benjamini and Hochberg, level ${LEVEL}`,
    columns: [
      { title: "Claim" },
      { title: "Outcome" },
      { title: "n", numeric: true },
      { title: "Section and data sets" },
      { title: "Evidence" },
    ],
    rows: ordered.map((judged) => [
      { text: judged.claim.statement },
      {
        text: judged.outcome,
        kind: judged.outcome,
        order: OUTCOMES.indexOf(judged.outcome),
      },
      { text: `${judged.n}`, order: judged.n },
      { text: `${judged.claim.section}; ${judged.claim.dataset}` },
      { text: fullEvidence(judged) },
    ]),
  };
}

/** The evidence, what is to be noted, and of a failing claim why it may fail. */
function fullEvidence({ claim, outcome, evidence }: JudgedClaim): string {
  if (outcome === "not run") return evidence;
  const sentences = [claim.note, outcome === "not supported" ? claim.may_fail : undefined];
  const added = sentences.filter((sentence) => sentence !== undefined);
  return added.length === 0 ? evidence : [`${evidence}.`, ...added].join(" ");
}
