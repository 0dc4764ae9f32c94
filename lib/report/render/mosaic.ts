/**
 * Pictures that are made of many small images.
 *
 * @module
 */
import type { Picture } from "./png.ts";

/** A small image, RGB. */
export interface Tile {
  readonly height: number;
  readonly width: number;
  /** uint8 [height, width, 3]. */
  readonly pixels: Uint8Array;
  /** Whether a dark frame is drawn around it. */
  readonly framed: boolean;
}

/** An image is enlarged to about this many pixels. */
const TILE = 48;
const GAP = 8;
const FRAME = 3;
const INK = 0x1b;

/**
 * Rows of tiles of one size, with white between them.
 *
 * @param rows `null` is a gap of half a tile.
 */
export function mosaic(rows: readonly (readonly (Tile | null)[])[]): Picture {
  const first = rows[0].find((tile) => tile !== null)!;
  const scale = Math.max(1, Math.round(TILE / first.width));
  const side = { width: first.width * scale + GAP, height: first.height * scale + GAP };
  const widthOf = (tile: Tile | null) => tile === null ? Math.round(side.width / 2) : side.width;
  const lengths = rows.map((row) => row.reduce((sum, tile) => sum + widthOf(tile), 0));
  const width = Math.max(...lengths);
  const height = rows.length * side.height;
  const picture = { width, height, pixels: new Uint8Array(width * height * 3).fill(255) };
  rows.forEach((row, i) => {
    let left = GAP / 2;
    for (const tile of row) {
      if (tile !== null) drawTile(picture, tile, scale, { left, top: i * side.height + GAP / 2 });
      left += widthOf(tile);
    }
  });
  return picture;
}

function drawTile(
  { width, pixels }: Picture,
  tile: Tile,
  scale: number,
  { left, top }: { left: number; top: number },
): void {
  const border = tile.framed ? FRAME : 0;
  const size = { width: tile.width * scale, height: tile.height * scale };
  for (let y = -border; y < size.height + border; y++) {
    for (let x = -border; x < size.width + border; x++) {
      const to = 3 * ((top + y) * width + left + x);
      const inside = x >= 0 && y >= 0 && x < size.width && y < size.height;
      if (!inside) pixels.fill(INK, to, to + 3);
      else {
        const from = 3 * (Math.floor(y / scale) * tile.width + Math.floor(x / scale));
        pixels.set(tile.pixels.subarray(from, from + 3), to);
      }
    }
  }
}
