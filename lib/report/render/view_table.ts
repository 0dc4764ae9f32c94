/**
 * Tables for readers, as sortable HTML and as Markdown.
 *
 * @module
 */
import { type Html, markup, type MarkupPart } from "./markup.ts";

/** One cell. */
export interface Cell {
  readonly text: string;
  /** A second, smaller line, such as an interval. */
  readonly detail?: string;
  /** What to sort by in place of the text. */
  readonly order?: number;
  /** A marker for styles, such as a claim's outcome. */
  readonly kind?: string;
}

/** A table of cells; the first cell of a row names it. */
export interface ViewTable {
  readonly caption: string;
  readonly columns: readonly { readonly title: string; readonly numeric?: boolean }[];
  readonly rows: readonly (readonly Cell[])[];
}

/** The table as HTML; the page's script makes its columns sortable. */
export function tableHtml({ caption, columns, rows }: ViewTable): Html {
  const headers = columns.map(({ title, numeric }) =>
    markup`<th scope="col"${numberClass(numeric)}>${title}</th>`
  );
  const lines = rows.map((row) =>
    markup`<tr>${row.map((cell, i) => cellHtml(cell, i === 0, columns[i].numeric))}</tr>\n`
  );
  return markup`<div class="scroll" tabindex="0" role="group" aria-label="${caption}">
<table class="sortable"><caption>${caption}</caption>
<thead><tr>${headers}</tr></thead>
<tbody>
${lines}</tbody></table></div>`;
}

/** The table as Markdown (GitHub's flavour). */
export function tableMarkdown({ columns, rows }: ViewTable): string {
  const lines = [
    columns.map(({ title }) => title),
    columns.map(({ numeric }) => numeric ? "---:" : "---"),
    ...rows.map((row) => row.map(cellMarkdown)),
  ];
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

/** Text that Markdown shows as it stands, HTML included. */
export function markdownText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("*", "\\*");
}

function cellHtml({ text, detail, order, kind }: Cell, header: boolean, numeric = false): Html {
  const attributes = [
    numberClass(numeric),
    order !== undefined && markup` data-order="${order}"`,
  ];
  const content = [
    kind === undefined ? text : markup`<span data-kind="${kind}">${text}</span>`,
    detail !== undefined && markup` <small>${detail}</small>`,
  ];
  return header
    ? markup`<th scope="row"${attributes}>${content}</th>`
    : markup`<td${attributes}>${content}</td>`;
}

function cellMarkdown({ text, detail }: Cell): string {
  const whole = detail === undefined ? text : `${text} ${detail}`;
  return markdownText(whole).replaceAll("|", "\\|").replaceAll("\n", " ");
}

function numberClass(numeric = false): MarkupPart {
  return numeric && markup` class="number"`;
}
