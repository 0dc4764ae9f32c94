// @ts-check
/// <reference lib="dom" />
/** Draws the stages. @module */
import { drawn } from "./format.js";

/** States from the most urgent to none, by which a stage of many instances is shown. */
const BY_URGENCY = ["failed", "running", "interrupted", "waiting", "stale", "done", "fresh"];

/** The state of a stage. @param {string[]} states */
export function stageState(states) {
  return BY_URGENCY.find((state) => states.includes(state)) ?? "fresh";
}

/** How many instances are in each state. @param {string[]} states */
export function describeStates(states) {
  return BY_URGENCY.flatMap((state) => {
    const count = states.filter((each) => each === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  }).join(", ");
}

/**
 * Draws the graph anew.
 * @param {HTMLElement} place
 * @param {any} layout
 * @param {(stage: string) => void} choose
 */
export function drawGraph(place, layout, choose) {
  const svg = drawn("svg", {
    viewBox: `-4 -4 ${layout.width + 8} ${layout.height + 8}`,
    width: layout.width + 8,
    height: layout.height + 8,
    role: "group",
    "aria-label": "Stages and what they read",
  });
  for (const { from, to, path } of layout.edges) {
    svg.append(drawn("path", { class: "edge", d: path, "data-from": from, "data-to": to }));
  }
  for (const { name, x, y, width, height } of layout.nodes) {
    const box = { x: x - width / 2, y: y - height / 2, width, height, rx: 9 };
    const node = drawn(
      "g",
      { class: "node", role: "button", tabindex: 0, "aria-pressed": "false", "data-stage": name },
      drawn("rect", box),
      drawn("text", { x, y: y - 3 }, name),
      drawn("text", { x, y: y + 13, class: "detail" }),
    );
    node.addEventListener("click", () => choose(name));
    node.addEventListener("keydown", (event) => {
      const { key } = /** @type {KeyboardEvent} */ (event);
      if (key !== "Enter" && key !== " ") return;
      event.preventDefault();
      choose(name);
    });
    svg.append(node);
  }
  place.replaceChildren(svg);
}

/**
 * Shows the states.
 * @param {HTMLElement} place
 * @param {Map<string, string[]>} states of the instances, by stage
 * @param {string | null} chosen
 */
export function colourGraph(place, states, chosen) {
  for (const node of place.querySelectorAll(".node")) {
    const stage = /** @type {string} */ (node.getAttribute("data-stage"));
    const own = states.get(stage) ?? [];
    const detail = describeStates(own);
    node.setAttribute("class", `node ${stageState(own)}`);
    node.setAttribute("aria-pressed", String(stage === chosen));
    const text = /** @type {Element} */ (node.querySelector(".detail"));
    if (text.textContent !== shorten(detail)) text.textContent = shorten(detail);
  }
  for (const edge of place.querySelectorAll(".edge")) {
    const to = states.get(edge.getAttribute("data-to") ?? "") ?? [];
    edge.setAttribute("class", to.includes("running") ? "edge active" : "edge");
  }
}

/** What fits into a box. @param {string} detail */
function shorten(detail) {
  const parts = detail.split(", ");
  return parts.length > 2 ? `${parts.slice(0, 2).join(", ")} …` : detail;
}
