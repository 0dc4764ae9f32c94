/**
 * One figure of the page: its picture and everything that stands behind it.
 *
 * @module
 */
import type { DrawnChart } from "../render/chart.ts";
import type { JudgedClaim } from "../claims/judged.ts";
import { paperName } from "../figures/figure.ts";
import type { ReportInput } from "../input/input.ts";
import { type Html, markup, raw } from "../render/markup.ts";
import { commandOf, costOf, keysOf, versionsOf } from "../input/provenance.ts";
import type { DrawnFigure } from "../content/report.ts";
import { tableHtml } from "../render/view_table.ts";

/** What a card says where the paper's text has no number. */
export const NOT_PUBLISHED = "not published in the text";

/** The card of a figure, with the paper's number as its id. */
export function cardHtml(drawn: DrawnFigure, input: ReportInput): Html {
  const { definition: { id, title, shows }, figure: { table, notes, runs } } = drawn;
  return markup`
<section class="card" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title"><span class="number-name">${paperName(id)}.</span> ${title}</h3>
<p>${shows}</p>
${pictureHtml(drawn)}
${table !== undefined && tableHtml(table)}
${factsHtml(drawn, input)}
${notes.length > 0 && markup`<ul>${notes.map((note) => markup`<li>${note}</li>`)}</ul>`}
${runs.length > 0 && provenanceHtml(drawn)}
</section>`;
}

/** A chart with its text, and the specification that brings it to life. */
export function chartHtml(name: string, { svg, vega }: DrawnChart, description: string): Html {
  const spec = JSON.stringify(vega).replaceAll("<", "\\u003c");
  return markup`<div class="chart" tabindex="0" role="img" aria-label="${description}"
data-spec="${name}-spec"><div aria-hidden="true">${raw(svg)}</div></div>
<script type="application/json" id="${name}-spec">${raw(spec)}</script>`;
}

function pictureHtml({ definition: { id }, figure, chart, png }: DrawnFigure): Html | null {
  if (chart !== null) {
    return markup`<figure>
${chartHtml(id, chart, figure.description)}
<figcaption class="hint">${hintText(chart)}</figcaption>
</figure>`;
  }
  if (png === null) return null;
  const { width, height } = figure.picture!;
  const headings = figure.pictureHeadings ?? [];
  return markup`<figure class="picture">
${
    headings.length > 0 &&
    markup`<div class="headings" style="max-width:${width}px">${
      headings.map(({ text, left }) =>
        markup`<span style="left:${(100 * left).toFixed(2)}%">${text}</span>`
      )
    }</div>`
  }
<img src="data:image/png;base64,${png.toBase64()}" width="${width}" height="${height}" alt="${figure.description}">
</figure>`;
}

function hintText({ vega }: DrawnChart): string {
  const zooms = vega.signals?.some(({ name }) => name.startsWith("zoom_"));
  return zooms
    ? "Point at a mark for its values; pinch or Ctrl + scroll to zoom, drag to move, double-click " +
      "to reset."
    : "Point at a mark for its values.";
}

function factsHtml(
  { definition: { id }, figure, chart, png, claims }: DrawnFigure,
  input: ReportInput,
): Html {
  const picture = chart !== null ? `figures/${id}.svg` : png !== null ? `figures/${id}.png` : null;
  return markup`<dl class="facts">
<dt>Paper</dt><dd>${figure.paper ?? NOT_PUBLISHED}</dd>
<dt>Ours</dt><dd>${figure.ours}</dd>
<dt>Verdict</dt><dd>${verdictHtml(claims)}</dd>
<dt>Make it again</dt><dd><code>${commandOf(input, figure.runs)}</code></dd>
<dt>Cost</dt><dd>${costOf(figure.runs)}</dd>
<dt>Data</dt><dd>${link(`data/${id}.csv`)}, ${figure.data.rows.length} rows${
    picture !== null && markup`; picture: ${link(picture)}`
  }</dd>
</dl>`;
}

function verdictHtml(claims: readonly JudgedClaim[]): Html {
  if (claims.length === 0) return markup`no claim of the paper rests on it`;
  return markup`<ul>${
    claims.map(({ claim, outcome }) =>
      markup`<li><span data-kind="${outcome}">${outcome}</span>: ${claim.statement}</li>`
    )
  }</ul>`;
}

function provenanceHtml({ figure: { runs } }: DrawnFigure): Html {
  return markup`<details><summary>Stage keys and versions</summary>
<ul>${keysOf(runs).map((key) => markup`<li><code>${key}</code></li>`)}</ul>
<p>${versionsOf(runs).join(", ")}</p>
</details>`;
}

function link(path: string): Html {
  return markup`<a href="${path}">${path}</a>`;
}
