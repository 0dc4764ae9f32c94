/**
 * Drift of claims: outcomes that changed although the data which they rest on did not. Then it was
 * the code or the claim that changed, and a person has to say which outcome is right.
 *
 * @module
 */
import type { Outcome } from "./judged.ts";
import type { ClaimRecord } from "./json.ts";

/** A committed outcome that the same data does not give. */
export interface Drift {
  readonly id: string;
  readonly committed: Outcome;
  /** `null` where the claim is no longer there. */
  readonly now: Outcome | null;
}

/**
 * Compares committed outcomes with present ones. New claims, and outcomes whose data changed, are no
 * drift; a claim whose committed data is not known counts as having the same.
 */
export function findDrift(
  committed: readonly ClaimRecord[],
  present: readonly ClaimRecord[],
): Drift[] {
  const byId = new Map(present.map((claim) => [claim.id, claim]));
  return committed.flatMap(({ id, outcome, data }): Drift[] => {
    const now = byId.get(id);
    if (now === undefined) return [{ id, committed: outcome, now: null }];
    const sameData = data === undefined || data === now.data;
    return sameData && outcome !== now.outcome
      ? [{ id, committed: outcome, now: now.outcome }]
      : [];
  });
}
