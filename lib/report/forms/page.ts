/**
 * The report as one HTML file that needs neither a network nor a server.
 *
 * @module
 */
import { PAPER_BIBTEX } from "../content/citation.ts";
import { claimsTable, outcomeCounts } from "../claims/table.ts";
import { deviationsTable } from "../content/deviations.ts";
import { paperName } from "../figures/figure.ts";
import { type Html, markup, raw } from "../render/markup.ts";
import { darkFigureRules } from "../render/palette.ts";
import { costOf, versionsOf } from "../input/provenance.ts";
import { questions } from "../content/questions.ts";
import type { Report } from "../content/report.ts";
import { summarySentences } from "../content/summary.ts";
import { tableHtml } from "../render/view_table.ts";
import { cardHtml, chartHtml } from "./card.ts";
import script from "./explore.js" with { type: "text" };
import styles from "./styles.css" with { type: "text" };
import { vegaRuntime } from "./vega_runtime.ts";

/** Nothing may be loaded from anywhere; Vega compiles its expressions, hence 'unsafe-eval'. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; " +
  "script-src 'unsafe-inline' 'unsafe-eval'";

/** The content of index.html. */
export function pageHtml(report: Report): string {
  const { input, figures } = report;
  const page = markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${input.title}</title>
<link rel="icon" href="data:,">
<style>
${raw(styles)}
@media screen and (prefers-color-scheme: dark) {
${raw(darkFigureRules(".chart svg"))}
}
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
${figures.map((figure) => cardHtml(figure, input))}
${notRunHtml(report)}
${section("differences", "Differs from the original", tableHtml(deviationsTable(input)))}
${questionsHtml(report)}
${section("citation", "Citation", CITATION)}
</main>
${footerHtml(report)}
<div class="tip" id="tip" hidden></div>
<script type="text/plain" id="vega-runtime">${vegaRuntime()}</script>
<script>
${raw(script)}
</script>
</body>
</html>
`;
  return page.text;
}

const CITATION = markup`<p>Please cite the paper that this replicates:</p>
<pre tabindex="0" role="group" aria-label="BibTeX entry">${PAPER_BIBTEX}</pre>`;

function headerHtml({ input: { title, profile, command } }: Report): Html {
  return markup`<header>
<h1>${title}</h1>
<p class="muted">A replication of “The Curious Case of Benign Memorization” (ICLR 2023)${
    profile !== null && `, profile ${profile}`
  }. Made by <code>${command}</code></p>
</header>`;
}

function summaryHtml({ input, headline }: Report): Html {
  return section(
    "summary",
    "In a hurry",
    markup`<ul class="lead">${
      summarySentences(input).map((sentence) => markup`<li>${sentence}</li>`)
    }</ul>
${
      headline !== null && markup`<figure id="summary-figure">
${chartHtml("summary", headline.chart, headline.description)}
<figcaption>K-NN accuracy of the embedding on test images. Dots are means over seeds, filled with
augmentation and hollow without; bars are 95 % intervals (Student’s t over seeds), ticks single
seeds.</figcaption>
</figure>`
    }`,
  );
}

function contentsHtml({ figures }: Report): Html {
  const links = [
    ["claims", "Claims"],
    ...figures.map(({ definition: { id } }) => [id, paperName(id)]),
    ["differences", "Differs from the original"],
    ["questions", "Questions"],
    ["citation", "Citation"],
  ];
  return markup`<nav aria-label="Contents"><ul>
${links.map(([id, name]) => markup`<li><a href="#${id}">${name}</a></li>\n`)}</ul></nav>`;
}

function claimsHtml({ claims }: Report): Html {
  const judged = claims.filter(({ outcome }) => outcome !== "not run");
  const notRun = claims.filter(({ outcome }) => outcome === "not run");
  return section(
    "claims",
    "The paper’s claims",
    markup`<p>${outcomeCounts(claims)}</p>
${judged.length > 0 && tableHtml(claimsTable(judged))}
${
      notRun.length > 0 &&
      markup`<details><summary>Claims that were not run: ${notRun.length}</summary>
${tableHtml(claimsTable(notRun))}
</details>`
    }`,
  );
}

function notRunHtml({ notRun }: Report): Html | null {
  if (notRun.length === 0) return null;
  const items = notRun.map(({ id, title, shows }) =>
    markup`<li id="${id}"><strong>${paperName(id)}. ${title}</strong>: ${shows}</li>\n`
  );
  return section(
    "not-run",
    "Not run here",
    markup`<p>These need runs that are not part of this profile.</p>
<ul>${items}</ul>`,
  );
}

function questionsHtml({ input }: Report): Html {
  const answers = questions(input).map(({ question, answer }) =>
    markup`<p><strong>${question}</strong> ${answer}</p>\n`
  );
  return section("questions", "Questions that readers ask", markup`${answers}`);
}

function footerHtml({ input: { runs } }: Report): Html {
  return markup`<footer>
<p>${costOf(runs)}. ${versionsOf(runs).join(", ")}.</p>
<p>Numbers for programs: <a href="summary.json">summary.json</a>,
<a href="claims.json">claims.json</a>.</p>
</footer>`;
}

function section(id: string, title: string, content: Html): Html {
  return markup`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${content}
</section>`;
}
