/**
 * The page in a real browser: CHROMIUM names its executable, else the usual places are tried.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { buildReport } from "../../lib/report/mod.ts";
import { executable, launchBrowser, NO_BROWSER } from "./browser.ts";
import {
  baselineUrl,
  difference,
  SCHEMES,
  screenshotInput,
  SHOWN,
  thumbnail,
  TOLERANCE,
} from "./thumbnails.ts";

const CHARTS = ["summary-figure", "figure-2", "figure-3", "figure-6"];

const ignore = executable === undefined;
const reason = ignore ? ` (skipped: ${NO_BROWSER})` : "";

let folder: string;
let browser: Browser;

Deno.test.beforeAll(async () => {
  if (ignore) return;
  folder = await Deno.makeTempDir();
  const files = await buildReport(screenshotInput());
  await Deno.writeTextFile(join(folder, "index.html"), files.get("index.html") as string);
  browser = await launchBrowser();
});

Deno.test.afterAll(async () => {
  if (ignore) return;
  await browser.close();
  await Deno.remove(folder, { recursive: true });
});

/** Opens the page and collects whatever it should not do. */
async function withPage(
  options: BrowserContextOptions,
  use: (page: Page, problems: string[]) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("console", (message) => problems.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => problems.push(error.message));
    const address = pathToFileURL(join(folder, "index.html")).href;
    page.on("request", (request) => {
      if (request.url() !== address && !/^(data|blob):/.test(request.url())) {
        problems.push(`request of ${request.url()}`);
      }
    });
    await page.goto(address);
    await use(page, problems);
  } finally {
    await context.close();
  }
}

/** A test that needs the browser; Playwright keeps handles that Deno's sanitizers would report. */
function browserTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `${name}${reason}`, ignore, fn, sanitizeOps: false, sanitizeResources: false });
}

async function bringToLife(page: Page, id: string): Promise<void> {
  await page.locator(`#${id} .chart`).hover();
  await page.waitForSelector(`#${id} .chart[data-alive="true"] svg`);
}

browserTest(
  "every figure is drawn, and comes alive without an error or a request",
  () =>
    withPage({ viewport: { width: 1000, height: 900 } }, async (page, problems) => {
      for (const id of CHARTS) {
        const still = await page.locator(`#${id} .chart svg`).boundingBox();
        assert.ok(still !== null && still.width > 400 && still.height > 150, `${id} is not drawn`);
        await bringToLife(page, id);
        const alive = await page.locator(`#${id} .chart svg`).boundingBox();
        assert.ok(Math.abs(alive!.width - still.width) < 30, `${id} jumps in width`);
        assert.ok(Math.abs(alive!.height - still.height) < 30, `${id} jumps in height`);
        const lines = await page.locator(`#${id} .chart svg .mark-group path`).count();
        assert.ok(lines > 5, `${id} has ${lines} paths`);
      }
      const image = page.locator("#figure-1 img");
      assert.ok(
        await image.evaluate((each) =>
          (each as unknown as { naturalWidth: number }).naturalWidth > 0
        ),
      );
      assert.deepEqual(problems, []);
    }),
);

browserTest(
  "a mark shows its values when it is pointed at",
  () =>
    withPage({ viewport: { width: 1000, height: 900 } }, async (page) => {
      await bringToLife(page, "summary-figure");
      const points = page.locator("#summary-figure .mark-symbol path");
      await points.nth(2).hover();
      const tip = page.locator("#tip");
      await tip.waitFor({ state: "visible" });
      assert.match(await tip.innerText(), /Random labels, augmented \(cached views\)[^]*Seeds\s+3/);
    }),
);

browserTest(
  "Ctrl and wheel zoom, a double click resets, and a plain wheel scrolls the page",
  () =>
    withPage({ viewport: { width: 1000, height: 900 } }, async (page) => {
      await bringToLife(page, "figure-2");
      const labels = async () => {
        const texts = await page.locator("#figure-2 .role-axis-label text").allTextContents();
        return texts.filter((text) => text !== "").sort();
      };
      const point = async () => {
        const box = (await page.locator("#figure-2 .chart svg").boundingBox())!;
        await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2);
      };
      const before = await labels();
      const top = await page.evaluate("scrollY") as number;
      await point();
      await page.mouse.wheel(0, 120);
      await page.waitForFunction(`scrollY > ${top}`);
      assert.deepEqual(await labels(), before);
      await point();
      await page.keyboard.down("Control");
      await page.mouse.wheel(0, -400);
      await page.keyboard.up("Control");
      await page.waitForTimeout(100);
      assert.notDeepEqual(await labels(), before);
      const box = (await page.locator("#figure-2 .chart svg").boundingBox())!;
      await page.mouse.dblclick(box.x + box.width / 4, box.y + box.height / 2);
      await page.waitForTimeout(100);
      assert.deepEqual(await labels(), before);
    }),
);

browserTest(
  "a table sorts by its numbers, forth and back, with the keyboard",
  () =>
    withPage({}, async (page) => {
      const header = page.locator("#table-1 th", { hasText: "Random labels, augmented" });
      const values = async () =>
        (await page.locator("#table-1 tbody tr td:nth-child(4)").allTextContents()).map(parseFloat);
      await header.locator("button").focus();
      await page.keyboard.press("Enter");
      const ascending = await values();
      assert.deepEqual(ascending, ascending.toSorted((a, b) => a - b));
      assert.equal(await header.getAttribute("aria-sort"), "ascending");
      await page.keyboard.press("Enter");
      assert.deepEqual(await values(), ascending.toReversed());
      assert.equal(await header.getAttribute("aria-sort"), "descending");
    }),
);

for (const [colorScheme, width] of [["light", 1200], ["dark", 390]] as const) {
  browserTest(
    `axe finds nothing: ${colorScheme}, ${width} pixels wide`,
    () =>
      withPage({ viewport: { width, height: 900 }, colorScheme }, async (page) => {
        await page.locator("details").evaluateAll((all) =>
          all.forEach((each) => each.setAttribute("open", ""))
        );
        await bringToLife(page, "figure-2");
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate("axe.run()") as axe.AxeResults;
        assert.deepEqual(
          violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0].html}`),
          [],
        );
      }),
  );
}

browserTest(
  "nothing is wider than a phone's screen",
  () =>
    withPage({ viewport: { width: 360, height: 800 } }, async (page) => {
      assert.ok(await page.evaluate("document.documentElement.scrollWidth") as number <= 360);
    }),
);

browserTest("every figure has a name for who cannot see it", () =>
  withPage({}, async (page) => {
    for (const id of CHARTS) {
      const name = await page.locator(`#${id} .chart`).getAttribute("aria-label");
      assert.match(name!, /labels, augmented \(cached views\)/, id);
    }
    assert.match((await page.locator("#figure-1 img").getAttribute("alt"))!, /3 training images/);
  }));

for (const colorScheme of SCHEMES) {
  browserTest(
    `charts look as they did when they were judged by eye: ${colorScheme}`,
    () =>
      withPage({ viewport: { width: 1000, height: 900 }, colorScheme }, async (page) => {
        for (const id of SHOWN) {
          const now = await thumbnail(page, id);
          const off = await difference(
            page,
            now,
            await Deno.readFile(baselineUrl(id, colorScheme)),
          );
          assert.ok(
            off <= TOLERANCE,
            `${id} differs by ${
              off.toFixed(1)
            } of 255, allowed are ${TOLERANCE}: look at it, and ` +
              "if it is right, run tests/report/make_thumbnails.ts",
          );
        }
      }),
  );
}

browserTest(
  "a chart that lost its marks, or is another chart, does not look as it did",
  () =>
    withPage({ viewport: { width: 1000, height: 900 } }, async (page) => {
      for (const id of SHOWN) {
        const baseline = await Deno.readFile(baselineUrl(id, "light"));
        await page.locator(`#${id} .chart svg`).evaluate((svg) => {
          const marks = (svg as unknown as { querySelectorAll(css: string): Iterable<Marks> })
            .querySelectorAll(".role-mark");
          for (const mark of marks) mark.style.display = "none";
        });
        assert.ok(await difference(page, await thumbnail(page, id), baseline) > TOLERANCE, id);
      }
      const other = await Deno.readFile(baselineUrl(SHOWN[1], "light"));
      assert.ok(await difference(page, await thumbnail(page, SHOWN[2]), other) > TOLERANCE);
    }),
);

interface Marks {
  readonly style: { display: string };
}

browserTest(
  "the keyboard reaches the content, every chart, table and link in the order of the page",
  () =>
    withPage({}, async (page, problems) => {
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate("document.activeElement.className"), "skip");
      const reached: string[] = [];
      for (let i = 0; i < 400; i++) {
        await page.keyboard.press("Tab");
        const spec = await page.evaluate("document.activeElement.dataset.spec ?? null");
        if (await page.evaluate("document.activeElement === document.body")) break;
        if (typeof spec === "string") reached.push(spec.replace(/-spec$/, ""));
      }
      const all = await page.locator(".chart").evaluateAll((charts) =>
        charts.map((chart) =>
          (chart as unknown as { dataset: { spec: string } }).dataset.spec.replace(/-spec$/, "")
        )
      );
      assert.deepEqual(reached, all);
      await page.waitForFunction(
        "document.querySelectorAll('.chart:not([data-alive])').length === 0",
      );
      assert.deepEqual(problems, []);
    }),
);
