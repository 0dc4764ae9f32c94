/**
 * One figure of the page: its picture and everything that stands behind it.
 *
 * @module
 */
import type { DrawnChart } from "../chart.ts";
import type { JudgedClaim } from "../claims/evaluate.ts";
import { paperName } from "../figure.ts";
import { type Html, html, raw } from "../html.ts";
import type { ReportInput } from "../input.ts";
import { commandsOf, costOf, keysOf, versionsOf } from "../provenance.ts";
import type { DrawnFigure } from "../report.ts";
import { tableHtml } from "../view_table.ts";
import { pngDataUri } from "./base64.ts";

/** What a card says where the paper's text has no number. */
export const NOT_PUBLISHED = "not published in the text";

/** The card of a figure, with the paper's number as its id. */
export function cardHtml(drawn: DrawnFigure, input: ReportInput): Html {
  const { definition: { id, title, shows }, figure, chart, png, claims } = drawn;
  return html`
    <section class="card" id="${id}" aria-labelledby="${id}-title">
    <h3 id="${id}-title"><span class="number-name">${paperName(id)}.</span> ${title}</h3>
    <p>${shows}</p>
    ${chart !== null && html`<figure>
${chartHtml(id, chart, figure.description)}
<figcaption>${chartHint()}</figcaption>
</figure>`}
    ${png !== null && html`
      <figure class="picture">
        <img src="${pngDataUri(png)}" width="${figure.picture!.width}" height="${figure.picture!
          .height}" alt="${figure.description}">
      </figure>
    `}
    ${figure.table !== undefined && tableHtml(figure.table)}
    <dl class="facts">
    <dt>Paper</dt><dd>${figure.paper ?? NOT_PUBLISHED}</dd>
    <dt>Ours</dt><dd>${figure.ours}</dd>
    <dt>Verdict</dt><dd>${verdictHtml(claims)}</dd>
    <dt>Make it again</dt><dd>${commandsOf(input, figure.runs).map((command) =>
      html`<code>${command}</code><br>`
    )}</dd>
    <dt>Cost</dt><dd>${costOf(figure.runs)}</dd>
    <dt>Data</dt><dd><a href="data/${id}.csv">data/${id}.csv</a>, ${figure.data.rows
      .length} rows${chart !== null &&
      html`; <a href="figures/${id}.svg">figures/${id}.svg</a>`}</dd>
    </dl>
    ${figure.notes.length > 0 &&
      html`<ul>${figure.notes.map((note) => html`<li>${note}</li>`)}</ul>`}
    ${figure.runs.length > 0 && html`
      <details>
        <summary>Stage keys and versions</summary>
        <ul>${keysOf(figure.runs).map((key) => html`<li><code>${key}</code></li>`)}</ul>
        <p>${versionsOf(figure.runs).join(", ")}</p>
      </details>
    `}
    </section>
  `;
}

/** A chart with its text, and the specification that brings it to life. */
export function chartHtml(name: string, { svg, vega }: DrawnChart, description: string): Html {
  const spec = JSON.stringify(vega).replaceAll("<", "\\u003c");
  return html`
    <div class="chart" tabindex="0" role="img" aria-label="${description}"
      data-spec="${name}-spec">${raw(svg)}</div>
    <script type="application/json" id="${name}-spec">${raw(spec)}</script>
  `;
}

/** How to use a chart. */
export function chartHint(): Html {
  return html`
    <span
      class="hint">Point at a mark for its values; scroll to zoom, drag to move, double-click to reset.</span>
  `;
}

function verdictHtml(claims: readonly JudgedClaim[]): Html {
  if (claims.length === 0) return html`the paper makes no claim on it`;
  return html`<ul>${
    claims.map(({ claim, outcome }) =>
      html`<li><span data-kind="${outcome}">${outcome}</span>: ${claim.statement}</li>`
    )
  }</ul>`;
}
