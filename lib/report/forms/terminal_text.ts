/**
 * The main result as plain text, for the end of a run on a terminal.
 *
 * @module
 */
import { mainConditions } from "../input/conditions.ts";
import { estimateShare } from "../render/estimate.ts";
import { estimateText, percent } from "../render/format.ts";
import { initBySeed } from "../input/init.ts";
import type { ReportInput } from "../input/input.ts";
import { finalFit, finalKnn } from "../input/measures.ts";
import { summarySentences } from "../content/summary.ts";

/** K-NN accuracy and fit of every condition, the summary's sentences, and where the report is. */
export function terminalText(input: ReportInput): string {
  const rows = [
    ["", "K-NN accuracy, test", "training labels fitted"],
    ["INIT (untrained network)", estimateText(estimateShare(initBySeed(input))), ""],
    ...mainConditions(input).map(({ name, runs }) => [
      name,
      estimateText(estimateShare(runs.map(finalKnn))),
      `${percent(estimateShare(runs.map(finalFit)).mean)} %`,
    ]),
  ];
  const folder = input.profile === null ? "reports" : `reports/${input.profile}`;
  return [
    "",
    ...alignColumns(rows),
    "",
    ...summarySentences(input),
    "",
    `Report: ${folder}/index.html`,
    "Next: change a value in pipeline.yaml and run again; with -n it says beforehand what reruns and why",
  ].join("\n");
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((text, i) => text.padEnd(widths[i])).join("   ").trimEnd());
}
