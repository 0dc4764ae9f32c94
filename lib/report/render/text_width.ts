/**
 * Widths of text in Helvetica and its metric twins (Arial, Liberation Sans), so that charts are laid
 * out without a browser as a browser would lay them out.
 *
 * @module
 */

/** Advance widths of the characters from space to "~" in thousandths of the font size. */
const WIDTHS = [
  ...[278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278],
  ...[556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556],
  ...[1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778],
  ...[667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556],
  ...[333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556],
  ...[556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584],
];
const FIRST = 32;
const OTHER_WIDTH = 584;
const BOLD_FACTOR = 1.07;

/** The fonts whose widths {@link textWidth} knows, as a CSS list. */
export const FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif";

/**
 * The width of a line of text in pixels.
 *
 * @param size Font size in pixels.
 */
export function textWidth(text: string, size: number, bold = false): number {
  let sum = 0;
  for (const character of text) {
    sum += WIDTHS[character.codePointAt(0)! - FIRST] ?? OTHER_WIDTH;
  }
  return sum / 1000 * size * (bold ? BOLD_FACTOR : 1);
}
