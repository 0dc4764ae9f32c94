// @ts-check
/// <reference lib="dom" />
/** Line charts. @module */
import { drawn, element, number } from "./format.js";

const WIDTH = 420;
const HEIGHT = 200;
const LEFT = 46;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 30;
const COLOURS = 8;
const DASHES = 4;

/** The classes of a line: colours first, then dashes. @param {number} index */
export function lineClass(index) {
  return `curve c${index % COLOURS} d${Math.floor(index / COLOURS) % DASHES}`;
}

/**
 * Round numbers within a range.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function ticks(low, high, count) {
  const raw = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((each) => each * power >= raw) ?? 10);
  const made = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    made.push(Number((i * step).toPrecision(12)));
  }
  return made;
}

/**
 * Draws a chart: a colour for each condition, its mean as a strong line over those of its seeds.
 * @param {ReturnType<typeof import("./model.js").curvesOf>[number]} chart
 * @param {Map<string, number>} indices of colours, by condition
 */
export function drawChart({ name, axis, lines, means }, indices) {
  const points = lines.flatMap((line) => line.points);
  const x = axisRange(points.map((point) => point[0]));
  const y = valueRange(points.map((point) => point[1]));
  /** @param {number} value */
  const across = (value) => LEFT + (value - x.low) / (x.high - x.low) * (WIDTH - LEFT - RIGHT);
  /** @param {number} value */
  const up = (value) =>
    HEIGHT - BOTTOM - (value - y.low) / (y.high - y.low) * (HEIGHT - TOP - BOTTOM);
  const averaged = new Set(means.map(({ condition }) => condition));
  const told = [
    ...means.map(({ condition, points }) => ({ label: `mean of ${condition}`, points })),
    ...lines.filter(({ condition }) => !averaged.has(condition)).map(({ instance, points }) => ({
      label: instance,
      points,
    })),
  ];
  const summary = told.map(({ label, points }) =>
    `${label} ${number(points[points.length - 1][1])}`
  );
  const svg = drawn("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: "img",
    "aria-label": `${name} by ${axis}; last values: ${summary.join(", ")}`,
  });
  for (const value of ticks(y.low, y.high, 4)) {
    svg.append(
      drawn("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: up(value), y2: up(value) }),
      drawn("text", { x: LEFT - 6, y: up(value) + 4, "text-anchor": "end" }, number(value)),
    );
  }
  const isCount = points.every((point) => Number.isInteger(point[0]));
  for (const value of ticks(x.low, x.high, 5)) {
    if (isCount && !Number.isInteger(value)) continue;
    svg.append(
      drawn("text", { x: across(value), y: HEIGHT - 17, "text-anchor": "middle" }, number(value)),
    );
  }
  svg.append(drawn("text", { x: WIDTH - RIGHT, y: HEIGHT - 4, "text-anchor": "end" }, axis));
  /** @param {{ condition: string, points: [number, number][] }} line @param {string} kind */
  const draw = ({ condition, points }, kind) => {
    const d = points.map(([a, b]) => `${across(a).toFixed(1)} ${up(b).toFixed(1)}`).join("L");
    const last = points[points.length - 1];
    const shared = {
      class: `${lineClass(indices.get(condition) ?? 0)}${kind}`,
      "data-condition": condition,
    };
    svg.append(
      drawn("path", { ...shared, d: `M${d}` }),
      drawn("circle", { ...shared, cx: across(last[0]), cy: up(last[1]), r: 2.5 }),
    );
  };
  for (const line of lines) draw(line, averaged.has(line.condition) ? " seed" : "");
  for (const mean of means) draw(mean, " mean");
  const tip = element("p", { class: "tip" });
  const cursor = drawn("line", {
    class: "cursor",
    y1: TOP,
    y2: HEIGHT - BOTTOM,
    visibility: "hidden",
  });
  svg.append(cursor);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const at = (/** @type {PointerEvent} */ (event).clientX - box.left) / box.width * WIDTH;
    const near = nearest(
      points.map((point) => point[0]),
      x.low + (at - LEFT) / (WIDTH - LEFT - RIGHT) * (x.high - x.low),
    );
    for (const side of ["x1", "x2"]) cursor.setAttribute(side, String(across(near)));
    cursor.setAttribute("visibility", "visible");
    tip.textContent = `${axis} ${number(near)}: ${
      told.flatMap(({ label, points }) => {
        const point = points.find((each) => each[0] === near);
        return point ? [`${label.replace(/[^ @]*@/, "")} ${number(point[1])}`] : [];
      }).join(" · ")
    }`;
  });
  svg.addEventListener("pointerleave", () => {
    cursor.setAttribute("visibility", "hidden");
    tip.textContent = "";
  });
  return element(
    "figure",
    { class: "chart card", "data-chart": name },
    element("figcaption", {}, name),
    svg,
    tip,
  );
}

/** @param {number[]} values */
function extent(values) {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return { low, high };
}

/** The range of a horizontal axis: one point alone stands at its place from the start. @param {number[]} values */
export function axisRange(values) {
  const { low, high } = extent(values);
  if (low < high) return { low, high };
  return low > 0 ? { low: 0, high } : { low, high: low + 1 };
}

/** The range of values: one alone stands in the middle, with a tenth of it around. @param {number[]} values */
export function valueRange(values) {
  const { low, high } = extent(values);
  if (low < high) return { low, high };
  const room = Math.abs(low) / 10 || 1;
  return { low: low - room, high: high + room };
}

/** @param {number[]} values @param {number} wanted */
function nearest(values, wanted) {
  return values.reduce((best, each) =>
    Math.abs(each - wanted) < Math.abs(best - wanted) ? each : best
  );
}
