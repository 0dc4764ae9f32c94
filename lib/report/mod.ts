/**
 * The report: figures, tables and claims from the tables of the stages, as a page, as Markdown and
 * as data. Nothing here reads a clock, a host or a random source, so that equal input gives equal
 * bytes.
 *
 * @module
 */
import { claimsJson } from "./claims/json.ts";
import { toCsv } from "./render/data_table.ts";
import type { ReportInput } from "./input/input.ts";
import { pageHtml } from "./forms/page.ts";
import { readmeMarkdown } from "./forms/readme.ts";
import { drawReport } from "./content/report.ts";
import { summaryJson } from "./content/summary.ts";
import { terminalText } from "./forms/terminal_text.ts";

export { assembleInput } from "./input/assemble.ts";
export { parseClaims } from "./input/parse_claims.ts";
export type { Claim } from "./input/claim.ts";
export { judgeClaims } from "./claims/evaluate.ts";
export type { JudgedClaim, Outcome } from "./claims/judged.ts";
export type {
  Axes,
  DatasheetRow,
  HistoryRow,
  InvarianceRow,
  PredictionRow,
  ProbeRow,
  ReportInput,
  Run,
  SamplePicture,
} from "./input/input.ts";

/**
 * Makes every file of a report.
 *
 * @returns Content by path relative to the report's folder: `index.html`, `README.md`,
 * `summary.json`, `claims.json`, and for each figure `figures/ID.svg` or `.png` and `data/ID.csv`.
 * @throws {Error} if a run lacks what every run must have (a probe of the embedding, a history), or
 * if Vega's package folder must not be read.
 */
export async function buildReport(input: ReportInput): Promise<Map<string, string | Uint8Array>> {
  const report = await drawReport(input);
  const files = new Map<string, string | Uint8Array>([
    ["index.html", pageHtml(report)],
    ["README.md", readmeMarkdown(report)],
    ["summary.json", summaryJson(input)],
    ["summary.txt", terminalText(input)],
    ["claims.json", claimsJson(report.claims)],
  ]);
  if (report.headline !== null) files.set("figures/summary.svg", report.headline.chart.svg);
  for (const { definition: { id }, figure, chart, png } of report.figures) {
    if (chart !== null) files.set(`figures/${id}.svg`, chart.svg);
    if (png !== null) files.set(`figures/${id}.png`, png);
    files.set(`data/${id}.csv`, toCsv(figure.data));
  }
  return files;
}
