/**
 * HTML from template literals: what is interpolated is escaped unless it is HTML already.
 *
 * @module
 */

/** Text that is safe to put into a page as it stands. */
export class Html {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

/** What a template may interpolate; `null`, `undefined` and `false` leave nothing. */
export type MarkupPart =
  | Html
  | string
  | number
  | null
  | undefined
  | false
  | readonly MarkupPart[];

/**
 * A template tag. It is not called `html` so that formatters leave the white space alone.
 *
 * @example
 * ```ts
 * import { markup } from "./markup.ts";
 *
 * String(markup`<p>${"a < b"}</p>`); // "<p>a &lt; b</p>"
 * ```
 */
export function markup(strings: TemplateStringsArray, ...parts: readonly MarkupPart[]): Html {
  return new Html(
    strings.reduce((text, string, i) => text + partText(parts[i - 1]) + string),
  );
}

/** Marks text as HTML, such as an SVG. */
export function raw(text: string): Html {
  return new Html(text);
}

/** Escapes text for content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function partText(part: MarkupPart): string {
  if (part === null || part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(partText).join("");
  return escapeHtml(String(part));
}
