/**
 * Parts that charts share: how conditions look, lines of reference, zooming.
 *
 * @module
 */
import type { Condition } from "../input/conditions.ts";
import { COLOURS } from "../render/palette.ts";

/** Zooms by a pinch or with Ctrl, so that scrolling past a chart scrolls the page. */
const ZOOM_EVENT = "wheel![event.ctrlKey]";
const LABEL_GAP = 4;
const LABEL_HEIGHT = 12;

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

/** Opacities from faint to full, for an ordered series in one colour. */
export function tones(count: number): number[] {
  return Array.from({ length: count }, (_, i) => 1 - 0.7 * (count - 1 - i) / Math.max(count, 3));
}

/** A line of reference, such as INIT or chance, on an axis from 0 to 100. */
export interface Reference {
  readonly text: string;
  /** `undefined` where it is not known: nothing is drawn. */
  readonly percent: number | undefined;
}

/** The layers of {@link referenceLine}s, whose names keep clear of each other. */
export function referenceLines(
  references: readonly Reference[],
  plot: { width: number; height: number },
) {
  const known = references.flatMap(({ text, percent }) =>
    percent === undefined || Number.isNaN(percent) ? [] : [{ text, percent }]
  ).sort((a, b) => b.percent - a.percent);
  let last = -Infinity;
  return known.flatMap(({ text, percent }, i) => {
    const y = (1 - percent / 100) * plot.height;
    const next = known.at(i + 1);
    const crowd = next === undefined
      ? 0
      : Math.max(0, LABEL_HEIGHT - (percent - next.percent) / 100 * plot.height) / 2;
    last = Math.max(last + LABEL_HEIGHT, y - crowd);
    return referenceLine(percent, text, plot, last - y);
  });
}

/**
 * The layers of a dashed horizontal line whose name stands to the right of the plot.
 *
 * @param shift Pixels by which the name stands below the line.
 */
export function referenceLine(value: number, text: string, plot: { width: number }, shift = 0) {
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
        dy: shift,
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
