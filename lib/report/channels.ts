/**
 * Parts that charts share: how conditions look, lines of reference, zooming.
 *
 * @module
 */
import type { Condition } from "./conditions.ts";
import { COLOURS } from "./palette.ts";

/** Zooms by a pinch or with Ctrl, so that scrolling past a chart scrolls the page. */
const ZOOM_EVENT = "wheel![event.ctrlKey]";
const LABEL_GAP = 4;

/** Colour by the field "condition", with a legend of strokes. */
export function conditionColour(conditions: readonly Condition[], columns?: number) {
  return {
    field: "condition",
    type: "nominal" as const,
    title: null,
    scale: {
      domain: conditions.map(({ name }) => name),
      range: conditions.map(({ colour }) => colour),
    },
    legend: { columns, symbolType: "stroke" as const, symbolOpacity: 1, symbolSize: 400 },
  };
}

/** Dashes by the field "condition". */
export function conditionDash(conditions: readonly Condition[]) {
  return {
    field: "condition",
    type: "nominal" as const,
    scale: {
      domain: conditions.map(({ name }) => name),
      range: conditions.map(({ dash }) => [...dash]),
    },
  };
}

/** The layers of a dashed horizontal line whose name stands to the right of the plot. */
export function referenceLine(value: number, text: string, plot: { width: number }) {
  const data = { values: [{ value }] };
  const y = { field: "value", type: "quantitative" as const };
  return [
    {
      data,
      mark: { type: "rule" as const, strokeDash: [3, 3], color: COLOURS.muted },
      encoding: { x: { value: 0 }, x2: { value: plot.width }, y },
    },
    {
      data,
      mark: {
        type: "text" as const,
        text,
        align: "left" as const,
        clip: false,
        fontSize: 11,
        color: COLOURS.muted,
      },
      encoding: { x: { value: plot.width + LABEL_GAP }, y },
    },
  ];
}

/** Binds a plot's scales to pinching and dragging; `name` is unique within the chart. */
export function zoom(name: string, encodings?: ("x" | "y")[]) {
  return {
    name: `zoom_${name}`,
    select: { type: "interval" as const, zoom: ZOOM_EVENT, ...(encodings && { encodings }) },
    bind: "scales" as const,
  };
}
