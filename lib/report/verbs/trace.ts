/**
 * `trace`: what stands behind a figure or a claim.
 *
 * @module
 */
import { PipelineError } from "../../pipeline/base/errors.ts";
import { EXIT } from "../../pipeline/base/errors.ts";
import { suggestion } from "../../pipeline/base/suggest.ts";
import type { VerbContext } from "../../pipeline/mod.ts";
import { FIGURES } from "../figures/all.ts";
import { type CommittedReport, openCommittedReport } from "./committed_report.ts";
import { exportTable } from "./export.ts";
import { traceClaim, traceFigure } from "./subject.ts";
import type { TRACE_FLAGS } from "./trace_flags.ts";
import { traceText } from "./trace_text.ts";
import { type Trace, traceOf } from "./trace_of.ts";

/** Prints what stands behind each word, or, without words, what can be traced. */
export async function trace(context: VerbContext<typeof TRACE_FLAGS>): Promise<number> {
  const { words, flags } = context;
  if (flags.export !== undefined && words.length !== 1) {
    throw new PipelineError("Cannot export as --export takes the data of one figure or claim");
  }
  const committed = await openCommittedReport(context);
  if (words.length === 0) list(committed, flags.json ?? false);
  for (const word of words) {
    const traced = await traceWord(committed, word);
    if (flags.json) console.log(JSON.stringify({ event: "trace", ...traced }));
    else console.log(traceText(traced));
    if (flags.export !== undefined) {
      await exportTable(flags.export, traced.data, traced.id);
      console.error(`wrote ${flags.export}: ${traced.data.rows.length} rows`);
    }
  }
  return EXIT.done;
}

function traceWord(committed: CommittedReport, word: string): Promise<Trace> {
  const { input } = committed;
  const figure = FIGURES.find(({ id }) => id === word);
  if (figure) return traceOf(committed, traceFigure(input, figure));
  const claim = input.claims.find(({ id }) => id === word);
  if (claim) return traceOf(committed, traceClaim(input, claim));
  const known = [...FIGURES, ...input.claims].map(({ id }) => id);
  throw new PipelineError(
    `Cannot trace "${word}" as it is no figure and no claim: ${suggestion(word, known)}`,
  );
}

function list({ input }: CommittedReport, json: boolean): void {
  const rows = [
    ...FIGURES.map(({ id, title }) => ({ kind: "figure", id, title })),
    ...input.claims.map(({ id, statement }) => ({ kind: "claim", id, title: statement })),
  ];
  if (json) { for (const row of rows) console.log(JSON.stringify({ event: "traceable", ...row })); }
  else {
    const width = Math.max(...rows.map(({ id }) => id.length));
    for (const { kind, id, title } of rows) {
      console.log(`${kind.padEnd(6)}  ${id.padEnd(width)}  ${title}`);
    }
  }
}
