/**
 * Draws the page and keeps small pictures of its charts, for page_test.ts. Look at the page before
 * you commit them: deno run -A tests/report/make_thumbnails.ts
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { buildReport } from "../../lib/report/mod.ts";
import { launchBrowser } from "./browser.ts";
import { baselineUrl, SCHEMES, screenshotInput, SHOWN, thumbnail } from "./thumbnails.ts";

const files = await buildReport(screenshotInput());
const path = await Deno.makeTempFile({ suffix: ".html" });
await Deno.writeTextFile(path, files.get("index.html") as string);
await Deno.mkdir(new URL(".", baselineUrl(SHOWN[0], "light")), { recursive: true });
const browser = await launchBrowser();
for (const colorScheme of SCHEMES) {
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 }, colorScheme });
  await page.goto(pathToFileURL(path).href);
  for (const id of SHOWN) {
    await Deno.writeFile(baselineUrl(id, colorScheme), await thumbnail(page, id));
  }
  await page.close();
}
await browser.close();
await Deno.remove(path);
