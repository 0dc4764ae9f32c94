/**
 * A graph as text for a terminal, as Mermaid and as DOT.
 *
 * @module
 */
import type { Graph, NodeState } from "./graph.ts";

/** Fill colours; dark text is readable on all of them. */
const COLORS: Readonly<Record<NodeState, string>> = {
  fresh: "#d5efdb",
  restore: "#d6e6f7",
  run: "#fbd9b5",
  pending: "#fdf3c0",
};

/** One line a node: its name, its state and what it needs. */
export function toText({ nodes, edges }: Graph): string {
  const width = Math.max(0, ...nodes.map(({ name }) => name.length));
  const detailWidth = Math.max(0, ...nodes.map(({ detail }) => detail.length));
  return nodes.map(({ name, detail }) => {
    const needs = edges.filter(({ to }) => to === name).map(({ from, label }) =>
      `${from}.${label}`
    );
    const arrow = needs.length === 0 ? "" : `<- ${needs.join(", ")}`;
    return `${name.padEnd(width)}  ${detail.padEnd(detailWidth)}  ${arrow}`.trimEnd();
  }).join("\n");
}

/** A flow chart for Markdown. */
export function toMermaid({ nodes, edges }: Graph): string {
  const ids = new Map(nodes.map(({ name }, i) => [name, `n${i}`]));
  const states = [...new Set(nodes.map(({ state }) => state))].sort();
  return [
    "flowchart TD",
    ...nodes.map(({ name, detail, state }) =>
      `  ${ids.get(name)}["${name}<br>${detail}"]:::${state}`
    ),
    ...edges.map(({ from, to, label }) => `  ${ids.get(from)} -->|${label}| ${ids.get(to)}`),
    ...states.map((state) => `  classDef ${state} fill:${COLORS[state]},stroke:#555,color:#111`),
  ].join("\n");
}

/** A graph for Graphviz. */
export function toDot({ nodes, edges }: Graph): string {
  const quote = (text: string) => JSON.stringify(text);
  const font = 'fontname="Helvetica,Arial,sans-serif"';
  return [
    "digraph pipeline {",
    `  graph [rankdir=TB, ${font}]`,
    `  node [shape=box, style="rounded,filled", color="#555555", ${font}, fontsize=12]`,
    `  edge [color="#555555", ${font}, fontsize=10]`,
    ...nodes.map(({ name, detail, state }) =>
      `  ${quote(name)} [label=${quote(`${name}\n${detail}`)}, fillcolor=${quote(COLORS[state])}]`
    ),
    ...edges.map(({ from, to, label }) =>
      `  ${quote(from)} -> ${quote(to)} [label=${quote(label)}]`
    ),
    "}",
  ].join("\n");
}

/** A drawing, laid out by Graphviz. */
export async function toSvg(graph: Graph): Promise<string> {
  const { instance } = await import("@viz-js/viz");
  return (await instance()).renderString(toDot(graph), { format: "svg" }).trimEnd();
}
