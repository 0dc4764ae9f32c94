/**
 * The report as Markdown, for code hosts.
 *
 * @module
 */
import { PAPER_BIBTEX } from "../content/citation.ts";
import type { JudgedClaim } from "../claims/judged.ts";
import { claimsTable, outcomeCounts } from "../claims/table.ts";
import { deviationsTable } from "../content/deviations.ts";
import { paperName } from "../figures/figure.ts";
import type { ReportInput } from "../input/input.ts";
import { NOT_PUBLISHED } from "./card.ts";
import { commandOf, costOf, versionsOf } from "../input/provenance.ts";
import { questions } from "../content/questions.ts";
import type { DrawnFigure, Report } from "../content/report.ts";
import { summarySentences } from "../content/summary.ts";
import { markdownText, tableMarkdown } from "../render/view_table.ts";

/** The content of README.md. */
export function readmeMarkdown(report: Report): string {
  const { input, headline, claims, figures, notRun } = report;
  const parts = [
    `# ${input.title}`,
    `A replication of “The Curious Case of Benign Memorization” (ICLR 2023)${
      input.profile === null ? "" : `, profile ${input.profile}`
    }. Made by \`${input.command}\`. [index.html](index.html) shows the same with values on hover.`,
    summarySentences(input).map((sentence) => `- ${sentence}`).join("\n"),
    ...(headline === null ? [] : [image("figures/summary.svg", headline.description)]),
    "## The paper’s claims",
    outcomeCounts(claims),
    ...(claims.length === 0 ? [] : [tableMarkdown(claimsTable(claims))]),
    "## Figures and tables",
    ...figures.map((figure) => figureMarkdown(figure, input)),
    ...(notRun.length === 0 ? [] : [
      "## Not run here",
      notRun.map(({ id, title, shows }) => `- **${paperName(id)}. ${title}**: ${shows}`).join("\n"),
    ]),
    "## Differs from the original",
    tableMarkdown(deviationsTable(input)),
    "## Questions that readers ask",
    ...questions(input).map(({ question, answer }) => `**${question}** ${answer}`),
    "## Citation",
    `\`\`\`bibtex\n${PAPER_BIBTEX}\n\`\`\``,
    `${costOf(input.runs)}. ${versionsOf(input.runs).join(", ")}.`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function figureMarkdown(
  { definition, figure, chart, png, claims }: DrawnFigure,
  input: ReportInput,
) {
  const { id, title, shows } = definition;
  const facts = [
    `- Paper: ${figure.paper ?? NOT_PUBLISHED}`,
    `- Ours: ${figure.ours}`,
    ...claims.map(verdictLine),
    `- Make it again: \`${commandOf(input, figure.runs)}\``,
    `- Cost: ${costOf(figure.runs)}`,
    `- Data: [data/${id}.csv](data/${id}.csv)`,
  ];
  const parts = [
    `### <a id="${id}"></a>${paperName(id)}. ${title}`,
    shows,
    chart !== null && image(`figures/${id}.svg`, figure.description),
    png !== null && image(`figures/${id}.png`, figure.description),
    figure.table !== undefined && tableMarkdown(figure.table),
    facts.join("\n"),
    figure.notes.join(" "),
  ];
  return parts.filter((part) => typeof part === "string" && part !== "").join("\n\n");
}

function verdictLine({ claim, outcome }: JudgedClaim): string {
  return `- **${outcome}**: ${markdownText(claim.statement)}`;
}

function image(path: string, description: string): string {
  return `![${description.replaceAll(/[[\]]/g, (bracket) => `\\${bracket}`)}](${path})`;
}
