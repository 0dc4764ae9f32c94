/**
 * The report as one HTML file that needs neither a network nor a server.
 *
 * @module
 */
import { PAPER_BIBTEX } from "../citation.ts";
import { claimsTable, outcomeCounts } from "../claims/table.ts";
import { deviations } from "../deviations.ts";
import { paperName } from "../figure.ts";
import { type Html, html, raw } from "../html.ts";
import { darkFigureRules } from "../palette.ts";
import { costOf, versionsOf } from "../provenance.ts";
import { questions } from "../questions.ts";
import type { Report } from "../report.ts";
import { summarySentences } from "../summary.ts";
import { tableHtml } from "../view_table.ts";
import { cardHtml, chartHint, chartHtml } from "./card.ts";
import script from "./explore.js" with { type: "text" };
import styles from "./styles.css" with { type: "text" };
import { vegaRuntime } from "./vega_runtime.ts";

/** Nothing may be loaded from anywhere; Vega compiles its expressions, hence 'unsafe-eval'. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; " +
  "script-src 'unsafe-inline' 'unsafe-eval'";

/** The content of index.html. */
export function pageHtml(report: Report): string {
  const { input } = report;
  const dark = `@media screen and (prefers-color-scheme: dark) {\n${
    darkFigureRules(".chart svg")
  }\n}`;
  return String(html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="${POLICY}">
        <title>${input.title}</title>
        <link rel="icon" href="data:,">
        <style>
    ${raw(styles)}${raw(dark)}
    </style>
      </head>
      <body>
    <a class="skip" href="#main">Skip to the content</a>
    ${headerHtml(report)}
    <main id="main">
    ${summaryHtml(report)}
    ${contentsHtml(report)}
    ${claimsHtml(report)}
    <h2 id="figures">Figures and tables</h2>
    ${report.figures.map((figure) => cardHtml(figure, input))}
    ${notRunHtml(report)}
    ${deviationsHtml(report)}
    ${questionsHtml(report)}
    ${citationHtml()}
    </main>
    ${footerHtml(report)}
    <div class="tip" id="tip" hidden></div>
    <script type="text/plain" id="vega-runtime">${vegaRuntime()}</script>
    <script>
    ${raw(script)}
    </script>
      </body>
    </html>
  `);
}

function headerHtml({ input }: Report): Html {
  return html`
    <header>
      <h1>${input.title}</h1>
      <p
        class="muted">A replication of “The Curious Case of Benign Memorization” (ICLR 2023)${input
            .profile === null
          ? ""
          : `, profile ${input.profile}`}. Made by <code>${input.command}</code></p>
    </header>
  `;
}

function summaryHtml({ input, headline }: Report): Html {
  return html`<section aria-labelledby="summary">
<h2 id="summary">In a hurry</h2>
<ul class="lead">${summarySentences(input).map((sentence) => html`<li>${sentence}</li>`)}</ul>
${
    headline !== null && html`<figure id="summary-figure">
${chartHtml("summary", headline.chart, headline.description)}
<figcaption>K-NN accuracy of the embedding on test images. Dots are means over seeds, filled with augmentation and hollow without; bars are 95 % intervals (Student’s t over seeds), ticks single seeds. ${chartHint()}</figcaption>
</figure>`
  }
</section>`;
}

function contentsHtml({ figures }: Report): Html {
  return html`
    <nav aria-label="Contents">
      <ul>
    <li><a href="#claims">Claims</a></li>
    ${figures.map(({ definition: { id } }) =>
      html`
        <li><a href="#${id}">${paperName(id)}</a></li>
      `
    )}<li><a href="#differences">Differs from the original</a></li>
    <li><a href="#questions">Questions</a></li>
    <li><a href="#citation">Citation</a></li>
      </ul>
    </nav>
  `;
}

function claimsHtml({ claims }: Report): Html {
  return html`<section aria-labelledby="claims">
<h2 id="claims">The paper’s claims</h2>
<p>${outcomeCounts(claims)}</p>
${claims.length > 0 && tableHtml(claimsTable(claims))}
</section>`;
}

function notRunHtml({ notRun }: Report): Html | null {
  if (notRun.length === 0) return null;
  return html`
    <section aria-labelledby="not-run">
      <h2 id="not-run">Not run here</h2>
      <p>These need runs that are not part of this profile.</p>
      <ul>${notRun.map(({ id, title, shows }) =>
        html`<li id="${id}"><strong>${paperName(id)}. ${title}</strong>: ${shows}</li>`
      )}</ul>
    </section>
  `;
}

function deviationsHtml({ input }: Report): Html {
  return html`<section aria-labelledby="differences">
<h2 id="differences">Differs from the original</h2>
${
    tableHtml({
      caption: "What is done differently from the paper",
      columns: [{ title: "Subject" }, { title: "Paper" }, { title: "Here" }],
      rows: deviations(input).map(({ subject, paper, here }) =>
        [subject, paper, here].map((text) => ({ text }))
      ),
    })
  }</section>`;
}

function questionsHtml({ input }: Report): Html {
  return html`<section aria-labelledby="questions">
<h2 id="questions">Questions that readers ask</h2>
${
    questions(input).map(({ question, answer }) =>
      html`
        <p><strong>${question}</strong> ${answer}</p>
      `
    )
  }</section>`;
}

function citationHtml(): Html {
  return html`
    <section aria-labelledby="citation">
      <h2 id="citation">Citation</h2>
      <p>Please cite the paper that this replicates:</p>
      <pre tabindex="0" role="region" aria-label="BibTeX entry">${PAPER_BIBTEX}</pre>
    </section>
  `;
}

function footerHtml({ input }: Report): Html {
  return html`
    <footer>
      <p>${costOf(input.runs)}. ${versionsOf(input.runs).join(", ")}.</p>
      <p>Numbers for programs: <a href="summary.json">summary.json</a>, <a href="claims.json">claims.json</a>.</p>
    </footer>
  `;
}
