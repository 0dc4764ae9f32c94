/**
 * Places the stages of a graph by Graphviz; the page draws them.
 *
 * @module
 */
import type { GraphEdge } from "../display/graph.ts";

/** Sizes in pixels; y grows downwards. */
export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  /** Boxes by their centres. */
  readonly nodes: readonly {
    readonly name: string;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }[];
  /** Bézier curves as paths of SVG. */
  readonly edges: readonly { readonly from: string; readonly to: string; readonly path: string }[];
}

const PIXELS_PER_INCH = 72;
const NODE_HEIGHT = 46;
const MIN_NODE_WIDTH = 124;
const CHARACTER_WIDTH = 8.4;

/** Lays out stages from top to bottom. */
export async function layOut(
  names: readonly string[],
  edges: readonly GraphEdge[],
): Promise<GraphLayout> {
  if (names.length === 0) return { width: 0, height: 0, nodes: [], edges: [] };
  const { instance } = await import("@viz-js/viz");
  const text = (await instance()).renderString(toDot(names, edges), { format: "plain" });
  const rows = text.split("\n").map((line) => line.split(" "));
  const [, , graphWidth, graphHeight] = rows[0].map(Number);
  const px = (inches: number) => Math.round(inches * PIXELS_PER_INCH * 10) / 10;
  const point = (x: string, y: string) => `${px(Number(x))} ${px(graphHeight - Number(y))}`;
  const name = (id: string) => names[Number(id.slice(1))];
  return {
    width: px(graphWidth),
    height: px(graphHeight),
    nodes: rows.filter(([kind]) => kind === "node").map(([, id, x, y, width, height]) => ({
      name: name(id),
      x: px(Number(x)),
      y: px(graphHeight - Number(y)),
      width: px(Number(width)),
      height: px(Number(height)),
    })),
    edges: rows.filter(([kind]) => kind === "edge").map(([, from, to, count, ...rest]) => {
      const points = Array.from(
        { length: Number(count) },
        (_, i) => point(rest[2 * i], rest[2 * i + 1]),
      );
      return { from: name(from), to: name(to), path: `M${points[0]}C${points.slice(1).join(" ")}` };
    }),
  };
}

/** Stages are numbered, so that no name needs quoting. */
function toDot(names: readonly string[], edges: readonly GraphEdge[]): string {
  const ids = new Map(names.map((name, i) => [name, `n${i}`]));
  const pairs = new Set(edges.map(({ from, to }) => `${ids.get(from)} -> ${ids.get(to)}`));
  return [
    "digraph {",
    `  graph [rankdir=TB, nodesep=0.25, ranksep=0.4]`,
    `  node [shape=box, fixedsize=true, label="", height=${NODE_HEIGHT / PIXELS_PER_INCH}]`,
    "  edge [arrowhead=none]",
    ...names.map((name, i) => {
      const width = Math.max(MIN_NODE_WIDTH, 24 + CHARACTER_WIDTH * name.length);
      return `  n${i} [width=${width / PIXELS_PER_INCH}]`;
    }),
    ...[...pairs].map((pair) => `  ${pair}`),
    "}",
  ].join("\n");
}
