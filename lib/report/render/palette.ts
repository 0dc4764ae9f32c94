/**
 * Colours. Hues are from Okabe and Ito's palette, which colour-blind readers tell apart; each has a
 * partner for dark backgrounds, and a condition keeps its colour, dash and shape in every figure.
 *
 * @module
 */

/** A colour on a light background and its partner on a dark one. */
export interface Paint {
  readonly light: string;
  readonly dark: string;
}

/** Everything a figure may be painted with. */
export const PAINTS = {
  ink: { light: "#1b1f24", dark: "#e8eaed" },
  muted: { light: "#57606a", dark: "#a9b1ba" },
  grid: { light: "#e1e5ea", dark: "#363c44" },
  axis: { light: "#8c959f", dark: "#707982" },
  paper: { light: "#ffffff", dark: "#15181c" },
  init: { light: "#6e7781", dark: "#9aa4ae" },
  random: { light: "#d55e00", dark: "#ff8b3d" },
  clean: { light: "#0072b2", dark: "#5db4ec" },
  encoder: { light: "#00805d", dark: "#35c69c" },
  projector: { light: "#b0488a", dark: "#e694c6" },
} as const satisfies Record<string, Paint>;

/** The light colours by name, as figures use them. */
export const COLOURS = Object.fromEntries(
  Object.entries(PAINTS).map(([name, paint]) => [name, paint.light]),
) as { readonly [N in keyof typeof PAINTS]: string };

/** CSS that repaints inlined figures within `scope` for a dark background. */
export function darkFigureRules(scope: string): string {
  return Object.values(PAINTS).flatMap(({ light, dark }) =>
    ["fill", "stroke"].map((property) => `${scope} [${property}="${light}"]{${property}:${dark}}`)
  ).join("\n");
}
