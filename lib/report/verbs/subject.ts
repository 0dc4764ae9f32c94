/**
 * What can be traced: a figure or a claim with its data and the tables that it was computed from.
 *
 * @module
 */
import { PipelineError } from "../../pipeline/base/errors.ts";
import { judgeClaims, measureClaim } from "../claims/evaluate.ts";
import { type Quantity, repetitions } from "../claims/quantity.ts";
import type { Claim } from "../input/claim.ts";
import { describeMeasurement } from "../input/measurement.ts";
import type { DataTable } from "../render/data_table.ts";
import { type FigureDefinition, paperName } from "../figures/figure.ts";
import type { ReportInput, Run } from "../input/input.ts";
import { recordReads, type TableRead } from "../input/reads.ts";

/** A figure or a claim. */
export interface Subject {
  readonly kind: "figure" | "claim";
  readonly id: string;
  readonly title: string;
  /** Our result in words. */
  readonly result: string;
  readonly data: DataTable;
  readonly reads: readonly TableRead[];
  /** The runs that a command has to make; empty where it is the whole report. */
  readonly runs: readonly Run[];
}

/** A figure. @throws {PipelineError} if its runs are not part of the report. */
export function traceFigure(input: ReportInput, definition: FigureDefinition): Subject {
  const { id, title } = definition;
  const { value: figure, reads } = recordReads(input, (watched) => definition.build(watched));
  if (figure === null) {
    throw new PipelineError(
      `Cannot trace ${id} as its runs are not part of this report: name another profile by -p`,
    );
  }
  const { data, ours, runs } = figure;
  return {
    kind: "figure",
    id,
    title: `${paperName(id)}. ${title}`,
    result: ours,
    data,
    reads,
    runs,
  };
}

/** A claim; its data are the measured values. @throws {PipelineError} if it was not run. */
export function traceClaim(input: ReportInput, claim: Claim): Subject {
  const { id, statement, measurement } = claim;
  const { value, reads } = recordReads(input, (watched) => {
    // Judged among all claims, as the correction counts them.
    const judged = judgeClaims(input).find((each) => each.claim === claim)!;
    return { judged, quantity: measureClaim(claim, watched).quantity };
  });
  const { judged, quantity } = value;
  if (repetitions(quantity) === 0) {
    throw new PipelineError(`Cannot trace the claim ${id} as it was not run: ${judged.evidence}`);
  }
  const read = new Set(reads.map(({ stageKey }) => stageKey));
  const what = describeMeasurement(measurement);
  return {
    kind: "claim",
    id,
    title: statement,
    result: `${judged.outcome}, n = ${judged.n}: ${judged.evidence}`,
    data: {
      columns: ["claim", "part", "repetition", "value", "quantity"],
      rows: valueRows(quantity).map((row) => [id, ...row, what]),
    },
    reads,
    runs: input.runs.filter(({ stageKeys }) =>
      Object.values(stageKeys).some((key) => read.has(key))
    ),
  };
}

/** Part (or point), repetition and value. */
function valueRows(quantity: Quantity): (readonly [string, number, number])[] {
  return quantity.kind === "values"
    ? quantity.parts.flatMap(({ name, values }) =>
      values.map((value, i) => [name, i, value] as const)
    )
    : quantity.blocks.flatMap((block, i) =>
      block.map((value, point) => [quantity.points[point], i, value] as const)
    );
}
