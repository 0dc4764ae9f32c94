/**
 * `compare`: two reports side by side.
 *
 * @module
 */
import { EXIT, PipelineError } from "../../pipeline/base/errors.ts";
import type { VerbContext } from "../../pipeline/cli/verb.ts";
import { readReport, type ReportFiles } from "./report_files.ts";

/** Something that differs between two reports; `null` on the side that lacks it. */
export interface ReportDifference {
  readonly what: "number" | "claim" | "figure";
  /** Path in summary.json, or the id of a claim or figure. */
  readonly name: string;
  readonly a: number | string | null;
  readonly b: number | string | null;
}

/** Compares the last commit's report with the present one, unless words say which. */
export async function compare({ words, project, flags }: VerbContext): Promise<number> {
  if (words.length > 2) {
    throw new PipelineError(`Cannot compare as at most two reports are taken: ${words.join(" ")}`);
  }
  const a = await readReport(words[0] ?? "HEAD", project);
  const b = await readReport(words[1] ?? project.reports, project);
  const found = reportDifferences(a, b);
  if (flags.json) {
    for (const each of found) console.log(JSON.stringify({ event: "difference", ...each }));
  } else console.log(differencesText(a, b, found));
  return EXIT.done;
}

/** Headline numbers, outcomes of claims and data of figures that differ. */
export function reportDifferences(a: ReportFiles, b: ReportFiles): ReportDifference[] {
  const outcomes = ({ claims }: ReportFiles) =>
    new Map(claims.map(({ id, outcome }) => [id, outcome]));
  const figures = differing("figure", a.figures, b.figures).map((each) => ({
    ...each,
    a: each.a === null ? null : rowsText(each.a),
    b: each.b === null ? null : rowsText(each.b),
  }));
  return [
    ...differing("number", a.numbers, b.numbers),
    ...differing("claim", outcomes(a), outcomes(b)),
    ...figures,
  ];
}

function differing<T extends number | string>(
  what: ReportDifference["what"],
  a: ReadonlyMap<string, T>,
  b: ReadonlyMap<string, T>,
): { what: ReportDifference["what"]; name: string; a: T | null; b: T | null }[] {
  return [...new Set([...a.keys(), ...b.keys()])]
    .map((name) => ({ what, name, a: a.get(name) ?? null, b: b.get(name) ?? null }))
    .filter((each) => each.a !== each.b);
}

/** How many rows of data a figure has; that they differ is why it is listed. */
function rowsText(csv: string): string {
  const rows = csv.trimEnd().split("\n").length - 1;
  return rows === 1 ? "1 row" : `${rows} rows`;
}

function differencesText(
  a: ReportFiles,
  b: ReportFiles,
  found: readonly ReportDifference[],
): string {
  if (found.length === 0) {
    return `${a.label} and ${b.label} have the same headline numbers, outcomes and data`;
  }
  const titles = {
    number: "headline numbers",
    claim: "claims with other outcomes",
    figure: "figures with other data",
  };
  const rows = [["", a.label, b.label, "change"], ...found.map(toRow)];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const line = (row: string[]) => row.map((text, i) => text.padEnd(widths[i])).join("  ").trimEnd();
  return [
    line(rows[0]),
    ...(["number", "claim", "figure"] as const).flatMap((what) => {
      const own = found.filter((each) => each.what === what);
      return own.length === 0 ? [] : [titles[what], ...own.map((each) => line(toRow(each)))];
    }),
  ].join("\n");
}

function toRow({ name, a, b }: ReportDifference): string[] {
  return [`  ${name}`, `${a ?? "-"}`, `${b ?? "-"}`, change(a, b)];
}

function change(a: number | string | null, b: number | string | null): string {
  if (typeof a !== "number" || typeof b !== "number") return "";
  const difference = Number((b - a).toPrecision(6));
  return difference > 0 ? `+${difference}` : `${difference}`;
}
