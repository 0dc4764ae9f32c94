/**
 * The page in a real browser, beside a run in another process.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { stop as stopEsbuild } from "esbuild";
import axe from "axe-core";
import { openProject } from "../../../lib/pipeline/config/project.ts";
import { startServer } from "../../../lib/pipeline/ui/server.ts";
import { executable, launchBrowser, NO_BROWSER } from "../../report/browser.ts";
import { Rig, STAGE_IMPORTS } from "../rig.ts";

const ignore = executable === undefined;
const reason = ignore ? ` (skipped: ${NO_BROWSER})` : "";

/** A stage that learns for some seconds. */
const SLOW = `import { setTimeout as delay } from "node:timers/promises";
${STAGE_IMPORTS}
import { valueSchema } from "../schemas.ts";
export default defineStage({
  description: "Makes numbers slowly",
  params: z.object({ count: z.int().default(3) }),
  inputs: {},
  outputs: { values: valueSchema },
  async run({ outputs, log, live, progress }) {
    log("it begins");
    for (let step = 0; step < 24; step++) {
      progress(step / 24, "step " + step);
      live({ step, loss: 1 / (1 + step), fit: step === 0 ? NaN : step });
      await delay(300);
    }
    outputs.values.append({ value: Float64Array.of(1), name: ["a"] });
  },
});
`;

/** Waits; the page's policy forbids what Playwright would evaluate. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!await holds()) {
    assert.ok(performance.now() < deadline, "it takes too long");
    await delay(100);
  }
}

Deno.test({
  name: `the page shows a run as it goes on: states, curves, logs, history${reason}`,
  ignore,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    using rig = new Rig({ "stages/make.ts": SLOW });
    const file = rig.path("pipeline.yaml");
    const reopen = () => openProject({ file });
    const server = startServer({ project: reopen(), reopen, reservedNames: [] }, 0);
    const origin = new URL("/", server.url).href;
    rig.write("reports/index.html", '<a href="summary.json">Summary</a>');
    rig.write("reports/summary.json", '{"a":1}');
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const problems: string[] = [];
    page.on("console", (message) => problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(origin)) problems.push(request.url());
    });
    try {
      await page.goto(server.url);
      await page.waitForURL(origin);
      await page.waitForSelector('.node.stale[data-stage="make"]');
      const child = rig.spawn();
      const ended = child.output();
      await page.waitForSelector('.node.running[data-stage="make"]', { timeout: 60_000 });
      await page.waitForSelector('.node.waiting[data-stage="total"]');
      await page.waitForSelector('[data-chart="loss"] path.curve');
      const length = async () =>
        (await page.locator('[data-chart="loss"] path.curve').getAttribute("d"))!.length;
      const before = await length();
      await until(async () => await length() > before);
      await page.locator('#instances [data-instance="make"]').click();
      await page.locator("#log").getByText("it begins").waitFor();
      assert.equal((await ended).code, 0);
      await page.waitForSelector('.node.fresh[data-stage="total"]');
      await page.waitForSelector("#runs .state.done");
      assert.deepEqual(problems, []);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate("axe.run()") as {
        violations: { id: string; impact: string }[];
      };
      assert.deepEqual(violations.map(({ id, impact }) => `${impact}: ${id}`), []);
      await page.setViewportSize({ width: 390, height: 844 });
      const width = await page.evaluate("document.documentElement.scrollWidth");
      assert.equal(width, 390, "nothing is wider than a phone");
      const [report] = await Promise.all([
        page.waitForEvent("popup"),
        page.locator("#report-link").click(),
      ]);
      await report.getByText("Summary").click();
      await report.getByText('{"a":1}').waitFor();
    } finally {
      await browser.close();
      await server.close();
      await stopEsbuild();
    }
  },
});
