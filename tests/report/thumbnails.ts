/**
 * Charts reduced to a few pixels and without their letters, so that pictures can be compared
 * whatever the fonts and the machine: a lost line, a shifted axis or a wrong colour stays seen.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { parseClaims, type ReportInput } from "../../lib/report/mod.ts";
import { encodePng } from "../../lib/report/render/png.ts";
import { syntheticInput } from "./synthetic.ts";

/** Width and height of a thumbnail in pixels. */
const SIZE = { width: 96, height: 64 };

const NO_LETTERS = "svg text { visibility: hidden }";

/** The charts that are compared. */
export const SHOWN = [
  ...["summary-figure", "figure-2", "figure-3", "figure-6", "table-5", "training-curves"],
];
export const SCHEMES = ["light", "dark"] as const;

/** The largest {@link difference} that another browser may make at the edges of marks. */
export const TOLERANCE = 0.5;

/** The report that is shown. */
export function screenshotInput(): ReportInput {
  const path = new URL("../../claims.yaml", import.meta.url);
  return syntheticInput({ claims: parseClaims(Deno.readTextFileSync(path), "claims.yaml") });
}

/** Where the thumbnail of a chart is kept. */
export function baselineUrl(id: string, scheme: typeof SCHEMES[number]): URL {
  return new URL(`../golden/report/${id}.${scheme}.png`, import.meta.url);
}

/** A chart of the page as a small PNG. */
export async function thumbnail(page: Page, id: string): Promise<Uint8Array> {
  const png = await page.locator(`#${id} .chart svg`).screenshot({ style: NO_LETTERS });
  return encodePng({ ...SIZE, pixels: await pixelsOf(page, png) });
}

/** How far two thumbnails differ: the root mean square over pixels and colours, in 0 to 255. */
export async function difference(page: Page, a: Uint8Array, b: Uint8Array): Promise<number> {
  const [x, y] = [await pixelsOf(page, a), await pixelsOf(page, b)];
  const squares = x.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0);
  return Math.sqrt(squares / x.length);
}

/** A PNG of any size, reduced by the browser to uint8 [height, width, 3]. */
async function pixelsOf(page: Page, png: Uint8Array): Promise<Uint8Array> {
  const address = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
  const rgba = await page.evaluate(`(async () => {
    const image = new Image();
    image.src = ${JSON.stringify(address)};
    await image.decode();
    const canvas = new OffscreenCanvas(${SIZE.width}, ${SIZE.height});
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, ${SIZE.width}, ${SIZE.height});
    return [...context.getImageData(0, 0, ${SIZE.width}, ${SIZE.height}).data];
  })()`) as number[];
  return Uint8Array.from(rgba.filter((_, i) => i % 4 !== 3));
}
