/**
 * Tables for readers, as sortable HTML and as Markdown.
 *
 * @module
 */
import { escapeHtml, type Html, html, type HtmlPart } from "./html.ts";

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

/** A cell of text only. */
export const cell = (text: string): Cell => ({ text });

/** The table as HTML; the page's script makes its columns sortable. */
export function tableHtml({ caption, columns, rows }: ViewTable): Html {
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="${caption}">
      <table class="sortable">
        <caption>${caption}</caption>
        <thead>
          <tr>${columns.map(({ title, numeric }) =>
            html`
              <th scope="col" ${flag(numeric)}>${title}</th>
            `
          )}</tr>
        </thead>
        <tbody>
    ${rows.map((row) =>
      html`
        <tr>${row.map((each, i) => cellHtml(each, i === 0, columns[i].numeric))}</tr>
      `
    )}</tbody>
      </table>
    </div>
  `;
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

function cellHtml({ text, detail, order, kind }: Cell, header: boolean, numeric = false): Html {
  const attributes: HtmlPart[] = [
    flag(numeric),
    order !== undefined && html`
      data-order="${order}"
    `,
    kind !== undefined && html`
      data-kind="${kind}"
    `,
  ];
  const content = html`${text}${
    detail !== undefined && html`
      <small>${detail}</small>
    `
  }`;
  return header
    ? html`
      <th scope="row" ${attributes}>${content}</th>
    `
    : html`<td${attributes}>${content}</td>`;
}

function cellMarkdown({ text, detail }: Cell): string {
  const whole = detail === undefined ? text : `${text} ${detail}`;
  return escapeHtml(whole).replaceAll("|", "\\|").replaceAll("\n", " ");
}

function flag(numeric = false): HtmlPart {
  return numeric && html`
    class="number"
  `;
}
