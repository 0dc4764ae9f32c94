/**
 * The browser for tests of the page: CHROMIUM names its executable, else the usual places are tried.
 *
 * @module
 */
import { type Browser, chromium } from "playwright-core";

const USUAL_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** Why tests are skipped where there is no browser. */
export const NO_BROWSER = "no Chromium; set CHROMIUM to its path";

/** The browser's path; `undefined` where there is none. */
export const executable = Deno.env.get("CHROMIUM") ?? USUAL_PLACES.find(isFile);

/** Starts the browser. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: executable, args: FLAGS });
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
