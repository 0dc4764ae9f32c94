/**
 * Panels of shares against an ordinal axis, a line for each size, in ever stronger tones of one
 * colour.
 *
 * @module
 */
import { type Reference, referenceLines, tones } from "./channels.ts";
import { estimateShare } from "../render/estimate.ts";
import { ESTIMATE_TOOLTIP, inPercent, INTERVAL_MARK, SEED_MARK } from "../render/estimate_marks.ts";

/** The shares of all seeds at one place of one line. */
export interface TonePoint {
  /** The number that the line stands for. */
  readonly size: number;
  readonly x: number;
  /** One a seed, in [0, 1]. */
  readonly shares: readonly number[];
}

/** What distinguishes one such panel from another. */
export interface TonePanel {
  readonly width: number;
  readonly height: number;
  readonly colour: string;
  /** What the lines' number is, such as "n, images". */
  readonly sizeTitle: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly references: readonly Reference[];
}

/** The panel as part of a Vega-Lite specification. */
export function toneLines(points: readonly TonePoint[], panel: TonePanel) {
  const { width, height, colour, sizeTitle, xTitle, yTitle, references } = panel;
  const ordered = points.toSorted((a, b) => a.size - b.size || a.x - b.x);
  const sizes = [...new Set(ordered.map(({ size }) => size))];
  const means = ordered.map(({ size, x, shares }) => ({
    size,
    x,
    ...inPercent(estimateShare(shares)),
  }));
  const seeds = ordered.flatMap(({ size, x, shares }) =>
    shares.map((share) => ({ size, x, mean: 100 * share }))
  );
  const x = {
    field: "x",
    type: "ordinal" as const,
    scale: { type: "point" as const, padding: 0.4 },
    axis: { title: xTitle, labelAngle: 0 },
  };
  const bySize = {
    field: "size",
    type: "ordinal" as const,
    title: sizeTitle,
    legend: { symbolType: "stroke" as const, symbolSize: 400 },
  };
  const opacity = {
    ...bySize,
    scale: { domain: sizes, range: tones(sizes.length) },
  };
  const color = { ...bySize, scale: { domain: sizes, range: sizes.map(() => colour) } };
  const y = {
    type: "quantitative" as const,
    scale: { domain: [0, 100] },
    axis: { title: yTitle, tickCount: 5 },
  };
  return {
    width,
    height,
    layer: [
      ...referenceLines(references, { width, height }),
      {
        data: { values: means },
        mark: { type: "rule" as const, strokeWidth: INTERVAL_MARK.strokeWidth },
        encoding: { x, y: { field: "low", ...y }, y2: { field: "high" }, color, opacity },
      },
      {
        data: { values: seeds },
        mark: { type: "circle" as const, size: SEED_MARK.size },
        encoding: { x, y: { field: "mean", ...y }, color, opacity },
      },
      {
        data: { values: means },
        mark: { type: "line" as const, strokeWidth: 2.4, point: { size: 50 } },
        encoding: {
          x,
          y: { field: "mean", ...y },
          color,
          opacity,
          tooltip: [
            { field: "size", title: sizeTitle },
            { field: "x", title: xTitle },
            ...ESTIMATE_TOOLTIP,
          ],
        },
      },
    ],
  };
}
