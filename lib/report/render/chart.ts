/**
 * Draws Vega-Lite specifications as SVG, without a browser and without any permission.
 *
 * @module
 */
import * as vega from "vega";
import { compile, type Config, type TopLevelSpec } from "vega-lite";
import { COLOURS } from "./palette.ts";
import { FONT, textWidth } from "./text_width.ts";

/** A chart that was drawn. */
export interface DrawnChart {
  /** The static picture; its `id`s start with the chart's name. */
  readonly svg: string;
  /** The same chart as a Vega specification, for the interactive page. */
  readonly vega: vega.Spec;
}

const LABEL_SIZE = 12;

const THEME: Config = {
  background: COLOURS.paper,
  // The page names each chart as a whole; names of single marks would triple its size.
  aria: false,
  font: FONT,
  padding: 8,
  view: { stroke: null },
  axis: {
    labelColor: COLOURS.muted,
    titleColor: COLOURS.ink,
    gridColor: COLOURS.grid,
    domainColor: COLOURS.axis,
    tickColor: COLOURS.axis,
    labelFontSize: LABEL_SIZE,
    titleFontSize: LABEL_SIZE + 1,
    titleFontWeight: "normal",
    titlePadding: 8,
    labelPadding: 4,
    tickSize: 4,
  },
  axisX: { grid: false },
  axisY: { domain: false, ticks: false },
  legend: {
    orient: "top",
    direction: "horizontal",
    labelColor: COLOURS.ink,
    titleColor: COLOURS.muted,
    labelFontSize: LABEL_SIZE,
    titleFontSize: LABEL_SIZE,
    titleFontWeight: "normal",
    titleOrient: "left",
    labelLimit: 0,
    symbolSize: 220,
    symbolStrokeWidth: 2.5,
    symbolOpacity: 1,
    columnPadding: 16,
    offset: 10,
  },
  title: {
    color: COLOURS.ink,
    fontSize: LABEL_SIZE + 1,
    fontWeight: "bold",
    anchor: "start",
    offset: 10,
  },
  header: { labelColor: COLOURS.ink, titleColor: COLOURS.ink },
  text: { color: COLOURS.ink, fontSize: LABEL_SIZE },
  line: { strokeJoin: "round" },
  rule: { color: COLOURS.muted },
};

/**
 * Compiles and draws a chart. The same specification always gives the same bytes.
 *
 * @param name Unique within a page.
 */
export async function drawChart(name: string, spec: TopLevelSpec): Promise<DrawnChart> {
  const { spec: compiled } = compile(spec, { config: THEME });
  useKnownTextWidths();
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(compiled), { renderer: "none" });
  try {
    const svg = await view.toSVG();
    return { svg: withPrefixedIds(svg, name), vega: compiled };
  } finally {
    view.finalize();
  }
}

/** Vega's own estimate without a canvas, 0.8 em a character, would push legends far apart. */
function useKnownTextWidths(): void {
  const { textMetrics } = vega as unknown as {
    textMetrics: { width(item: TextItem, text?: unknown): number };
  };
  textMetrics.width = (item, text) =>
    textWidth(String(text ?? item.text ?? ""), item.fontSize ?? 11, item.fontWeight === "bold");
}

interface TextItem {
  readonly text?: string;
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
}

function withPrefixedIds(svg: string, name: string): string {
  return svg
    .replaceAll(/\bid="([^"]+)"/g, `id="${name}-$1"`)
    .replaceAll(/url\(#([^)]+)\)/g, `url(#${name}-$1)`);
}
