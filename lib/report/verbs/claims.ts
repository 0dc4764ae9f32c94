/**
 * `claims`: the paper's claims with their outcomes, computed afresh from the committed tables and
 * held against the committed outcomes.
 *
 * @module
 */
import { join } from "node:path";
import { EXIT } from "../../pipeline/base/errors.ts";
import { readTextIfThere, writeAtomically } from "../../pipeline/base/files.ts";
import type { VerbContext } from "../../pipeline/cli/verb.ts";
import { type Drift, findDrift } from "../claims/drift.ts";
import { judgeClaims } from "../claims/evaluate.ts";
import type { JudgedClaim } from "../claims/judged.ts";
import { claimsJson, parseClaimsJson, toRecord } from "../claims/json.ts";
import { OUTCOMES } from "../claims/judged.ts";
import { outcomeCounts } from "../claims/table.ts";
import { openCommittedReport, runCommand, shown } from "./committed_report.ts";
import { takeNoWords } from "./words.ts";

/**
 * Prints the claims by outcome and writes claims.json beside the report, unless an outcome drifted:
 * then the committed file stays as the witness.
 *
 * @returns 1 if an outcome changed without its data having changed.
 */
export async function claims(context: VerbContext): Promise<number> {
  takeNoWords("claims", context.words);
  const { input, project } = await openCommittedReport(context);
  const judged = judgeClaims(input);
  const path = join(project.reports, "claims.json");
  const committed = readTextIfThere(path);
  const drift = committed === null
    ? []
    : findDrift(parseClaimsJson(committed, shown(path)), judged.map(toRecord));
  if (context.flags.json) printJson(judged, drift);
  else console.log(claimsText(judged));
  if (drift.length > 0) {
    console.error(driftText(drift, shown(path), `${runCommand(project)} report`));
    return EXIT.stageFailed;
  }
  const text = claimsJson(judged);
  if (text !== committed) writeAtomically(path, text);
  return EXIT.done;
}

function printJson(judged: readonly JudgedClaim[], drift: readonly Drift[]): void {
  for (const each of judged) console.log(JSON.stringify({ event: "claim", ...toRecord(each) }));
  for (const each of drift) console.log(JSON.stringify({ event: "drift", ...each }));
}

/** The claims by outcome, each with n and its evidence. */
export function claimsText(judged: readonly JudgedClaim[]): string {
  const groups = OUTCOMES.map((outcome) => ({
    outcome,
    claims: judged.filter((each) => each.outcome === outcome),
  })).filter(({ claims }) => claims.length > 0);
  return [
    ...groups.flatMap(({ outcome, claims }) => [
      `${outcome} (${claims.length})`,
      ...claims.flatMap(claimLines),
      "",
    ]),
    outcomeCounts(judged),
  ].join("\n");
}

function claimLines({ claim, outcome, n, evidence }: JudgedClaim): string[] {
  const lines = [`  ${claim.id}, n = ${n}: ${claim.statement} (${claim.section})`];
  if (outcome !== "not run") lines.push(...evidence.split("; ").map((part) => `      ${part}`));
  if (outcome === "not supported") lines.push(`      why it may fail: ${claim.may_fail}`);
  return lines;
}

function driftText(drift: readonly Drift[], path: string, command: string): string {
  const lines = drift.map(({ id, committed, now }) =>
    `  ${id}: "${committed}" in ${path}, ` +
    (now === null ? "no longer among the claims" : `"${now}" from the same data`)
  );
  return [
    `${drift.length} ${drift.length === 1 ? "outcome" : "outcomes"} changed without the data ` +
    "having changed:",
    ...lines,
    `If the change of claims.yaml or of the evaluation is meant, "${command}" writes the new ` +
    "outcomes: commit them and say why. Otherwise undo it.",
  ].join("\n");
}
