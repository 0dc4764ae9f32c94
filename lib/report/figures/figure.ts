/**
 * What a figure or table of the report consists of. Each lives in a module of its own in `figures/`
 * and is listed in `figures/all.ts`.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import type { DataTable } from "../render/data_table.ts";
import type { ReportInput, Run } from "../input/input.ts";
import type { Picture } from "../render/png.ts";
import type { ViewTable } from "../render/view_table.ts";

/** A figure or table that was measured. */
export interface Figure {
  /** What a reader who cannot see it should know, with the numbers. */
  readonly description: string;
  readonly chart?: TopLevelSpec;
  readonly table?: ViewTable;
  readonly picture?: Picture;
  /** Names above parts of the picture, and where they begin as a share of its width. */
  readonly pictureHeadings?: readonly { readonly text: string; readonly left: number }[];
  /** The paper's value; absent where its text states none. */
  readonly paper?: string;
  /** Our value, with interval and number of seeds. */
  readonly ours: string;
  /** How to read it, and what to beware of. */
  readonly notes: readonly string[];
  /** The runs that it is made from. */
  readonly runs: readonly Run[];
  /** The numbers behind it. */
  readonly data: DataTable;
}

/** How to make a figure or table. */
export interface FigureDefinition {
  /** After the paper's numbering, such as "figure-2" or "table-6". */
  readonly id: string;
  readonly title: string;
  /** What it shows, in one sentence. */
  readonly shows: string;
  /** Returns `null` where its runs do not exist. */
  build(input: ReportInput): Figure | null;
}

/** The name of a figure or table: "figure-2" is "Figure 2", "figure-5-right" is "Figure 5, right". */
export function paperName(id: string): string {
  const [kind, number, ...rest] = id.split("-");
  const name = [kind, number].filter((part) => part !== undefined).join(" ");
  return [`${name.charAt(0).toUpperCase()}${name.slice(1)}`, ...rest].join(", ");
}
