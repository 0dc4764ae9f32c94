/**
 * The content of claims.json.
 *
 * @module
 */
import { z } from "zod";
import { messageOf } from "../../base/message_of.ts";
import { type JudgedClaim, OUTCOMES } from "./judged.ts";

const recordSchema = z.object({
  id: z.string(),
  statement: z.string(),
  section: z.string(),
  /** The paper's data sets. */
  dataset: z.string().optional(),
  outcome: z.enum(OUTCOMES),
  /** Number of seeds. */
  n: z.number(),
  /** How large it is, part by part, with one-sided 95 % bounds over seeds. */
  effects: z.array(z.object({
    part: z.string(),
    value: z.number(),
    low: z.number().nullable(),
    high: z.number().nullable(),
  })).optional(),
  evidence: z.string(),
  /** Why the paper's claim may not hold here; only where it is not supported. */
  may_fail: z.string().optional(),
  /** Digest of the tables that the outcome rests on; `null` where there are none. */
  data: z.string().nullable().optional(),
});

/** A claim as claims.json has it. */
export type ClaimRecord = z.infer<typeof recordSchema>;

/** The claims as claims.json holds them. */
export function claimsJson(judged: readonly JudgedClaim[]): string {
  return `${JSON.stringify(judged.map(toRecord), null, 2)}\n`;
}

/** A claim as claims.json has it. */
export function toRecord(judged: JudgedClaim): ClaimRecord {
  const { claim, outcome, n, effects, evidence, data } = judged;
  const { id, statement, section, dataset, may_fail } = claim;
  return {
    id,
    statement,
    section,
    dataset,
    outcome,
    n,
    effects: [...effects],
    evidence,
    ...outcome === "not supported" ? { may_fail } : {},
    data,
  };
}

/**
 * Reads claims.json.
 *
 * @param name What errors call it.
 * @throws {Error} if it is no such file.
 */
export function parseClaimsJson(text: string, name: string): ClaimRecord[] {
  try {
    return z.array(recordSchema).parse(JSON.parse(text));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new Error(
      `Cannot read ${name} as it must hold claims with their outcomes: ${reason.split("\n")[0]}`,
      { cause },
    );
  }
}
