// @ts-check
/// <reference lib="dom" />
/** The page: follows a run and shows it. @module */
import { drawChart, lineClass } from "./curves.js";
import { drawn, duration, element, moment, number } from "./format.js";
import { colourGraph, describeStates, drawGraph } from "./graph.js";
import { conditionOf, curvesOf, inOrder, RunModel } from "./model.js";

const LOG_MS = 1000;
/** What a run would do, as a state. */
const FORECASTS = /** @type {Record<string, string>} */ ({
  fresh: "fresh",
  restore: "fresh",
  run: "stale",
  pending: "stale",
});
/** A longer log is cut at its beginning. */
const MAX_LOG = 400_000;

let model = new RunModel();
/** @type {any} */
let run = null;
let isRunning = false;
/** @type {any} */
let pipeline = null;
/** @type {string | null} */
let chosenStage = null;
/** @type {string | null} */
let chosenInstance = null;
/** @type {string | null} */
let pinnedRun = null;
/** @type {Set<string>} */
const compared = new Set();
/** @type {EventSource | null} */
let source = null;
let log = { key: "", end: 0 };
let isDrawing = false;
/** Instances of which all is shown that they said when they failed. */
const opened = /** @type {Set<string>} */ (new Set());

/** @param {string} id */
const by = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {string} path */
async function get(path) {
  const response = await fetch(path);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.problem ?? response.statusText);
  return answer;
}

async function loadPipeline() {
  try {
    const next = await get("overview");
    const isNew = JSON.stringify(next.layout) !== JSON.stringify(pipeline?.layout);
    pipeline = next;
    by("title").textContent = next.profile ? `${next.name} · ${next.profile}` : next.name;
    document.title = by("title").textContent ?? "";
    if (isNew) drawGraph(by("graph"), next.layout, chooseStage);
    by("report-section").hidden = !next.hasReport;
    by("report-link").setAttribute("href", reportAddress());
    by("problem").hidden = true;
  } catch (error) {
    by("problem").textContent = error instanceof Error ? error.message : String(error);
    by("problem").hidden = false;
  }
  draw();
}

/** The report's address, which is another's than the page's: it opens nothing else. */
function reportAddress() {
  return `${pipeline.reports}index.html`;
}

async function loadRuns() {
  const runs = await get("runs");
  const rows = runs.map((/** @type {any} */ each) => {
    const box = element("input", {
      type: "checkbox",
      "aria-label": `Compare the run of ${moment(each.startedAt)}`,
    });
    const input = /** @type {HTMLInputElement} */ (box);
    input.checked = compared.has(each.id);
    input.addEventListener("change", () => chooseComparison(each.id, input.checked));
    const open = element("button", { class: "link" }, moment(each.startedAt));
    open.addEventListener("click", () => follow(each.id));
    const row = element(
      "tr",
      {},
      element("td", {}, box),
      element("th", { scope: "row" }, open),
      element("td", {}, each.profile ?? ""),
      element("td", {}, badge(each.status)),
      element("td", { class: "number" }, String(each.ran)),
      element("td", { class: "number" }, String(each.restored)),
      element("td", { class: "number" }, each.seconds === null ? "" : duration(each.seconds)),
    );
    return row;
  });
  by("runs").replaceChildren(
    runs.length === 0
      ? element("p", { class: "hint" }, "No run is recorded yet.")
      : table(["Compare", "Started", "Profile", "State", "Ran", "Restored", "Time"], rows, [
        4,
        5,
        6,
      ]),
  );
}

/**
 * @param {string[]} heads
 * @param {Node[]} rows
 * @param {number[]} numbers columns of numbers
 */
function table(heads, rows, numbers) {
  const cells = heads.map((head, i) =>
    element("th", { scope: "col", ...numbers.includes(i) ? { class: "number" } : {} }, head)
  );
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...cells)),
    element("tbody", {}, ...rows),
  );
}

/** @param {string} state */
function badge(state) {
  return element("span", { class: `state ${state}` }, state);
}

/** @param {string} id @param {boolean} isChosen */
function chooseComparison(id, isChosen) {
  if (isChosen) compared.add(id);
  else compared.delete(id);
  const button = /** @type {HTMLButtonElement} */ (by("compare"));
  button.disabled = compared.size !== 2;
}

async function compare() {
  const [a, b] = [...compared].sort();
  const place = by("comparison");
  place.hidden = false;
  try {
    const found = await get(`compare?a=${a}&b=${b}`);
    const rows = found.map((/** @type {any} */ each) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, each.instance),
        element("td", {}, each.what === "instance" ? "" : `${each.what}.${each.name}`),
        element("td", { class: "number" }, show(each.a)),
        element("td", { class: "number" }, show(each.b)),
      )
    );
    place.replaceChildren(
      rows.length === 0
        ? element("p", { class: "hint" }, "No params and no metrics differ.")
        : table(["Instance", "What", "Earlier run", "Later run"], rows, [2, 3]),
    );
  } catch (error) {
    place.replaceChildren(element("p", {}, error instanceof Error ? error.message : String(error)));
  }
}

/** @param {any} value */
function show(value) {
  if (value === undefined || value === null) return "–";
  return typeof value === "number"
    ? number(value)
    : typeof value === "string"
    ? value
    : JSON.stringify(value);
}

/** @param {string} stage */
function chooseStage(stage) {
  chosenStage = chosenStage === stage ? null : stage;
  draw();
}

/** @param {string} name */
function chooseInstance(name) {
  chosenInstance = name;
  log = { key: "", end: 0 };
  by("log").textContent = "";
  loadLog();
  by("log-title").scrollIntoView({ block: "nearest" });
}

async function loadLog() {
  if (chosenInstance === null) return;
  const name = chosenInstance;
  const key = model.instances.get(name)?.key ?? instancesByName().get(name)?.key;
  by("log-name").textContent = name;
  if (!key) {
    by("log-name").textContent = `${name} has not started yet.`;
    return;
  }
  if (key !== log.key) {
    log = { key, end: 0 };
    by("log").textContent = "";
  }
  const part = await get(`log?key=${key}&from=${log.end}`).catch(() => null);
  if (!part || name !== chosenInstance) return;
  const place = by("log");
  const isAtEnd = place.scrollTop + place.clientHeight >= place.scrollHeight - 8;
  const before = part.from === log.end ? place.textContent ?? "" : "";
  log.end = part.end;
  place.hidden = false;
  if (part.text !== "" || before === "") {
    place.textContent = (before + part.text).slice(-MAX_LOG) || "(it printed nothing)";
  }
  if (isAtEnd) place.scrollTop = place.scrollHeight;
}

/** @returns {Map<string, any>} */
function instancesByName() {
  return new Map(
    (pipeline?.instances ?? []).map((/** @type {any} */ each) => [each.instance, each]),
  );
}

/** Every instance with its state: what the run says of it, else what a run would do. */
function rows() {
  const now = isRunning ? Date.now() : model.now;
  return (pipeline?.instances ?? []).map((/** @type {any} */ planned) => {
    const live = model.instances.get(planned.instance);
    const knows = live !== undefined &&
      (isRunning || pinnedRun !== null || live.state === "failed" || live.state === "interrupted");
    const forecast = FORECASTS[planned.outcome] ?? "stale";
    const isFresh = forecast === "fresh" && !isRunning && pinnedRun === null;
    return {
      ...planned,
      live,
      state: knows && !isFresh ? live.state : isRunning && live ? live.state : forecast,
      reason: knows && !isFresh && (live.reason !== "" || forecast === "fresh")
        ? live.reason
        : planned.reason,
      left: live?.state === "running" ? model.secondsLeft(planned.instance, now) : null,
    };
  });
}

function draw() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    const all = rows();
    drawHeader(all);
    drawStages(all);
    drawInstances(all);
    drawCurves();
  });
}

/** @param {any[]} all */
function drawHeader(all) {
  const states = all.map(({ state }) => state);
  const ended = states.filter((state) => state === "done" || state === "fresh").length;
  /** @type {HTMLProgressElement} */ (by("whole")).value = all.length === 0
    ? 0
    : ended / all.length;
  const what = run === null
    ? "No run yet"
    : isRunning
    ? "Running"
    : `The ${pinnedRun ? "chosen" : "last"} run: ${run.status}`;
  const text = [what, model.preparing || describeStates(states)].filter(Boolean).join(" · ");
  if (by("status").textContent !== text) by("status").textContent = text;
  const left = isRunning ? model.runSecondsLeft(Date.now()) : null;
  by("left").textContent = `${ended} of ${all.length} instances${
    left === null ? "" : `, about ${duration(left)} left`
  }`;
}

/** @param {any[]} all */
function drawStages(all) {
  const states = new Map();
  for (const { stage, state } of all) states.set(stage, [...states.get(stage) ?? [], state]);
  colourGraph(by("graph"), states, chosenStage);
}

/** @param {any[]} all */
function drawInstances(all) {
  const shown = inOrder(
    all.filter(({ stage }) => chosenStage === null || stage === chosenStage),
  );
  by("shown").textContent = chosenStage === null
    ? "All stages; choose one in the graph to see its own."
    : `Of the stage ${chosenStage}; choose it again to see all.`;
  const focused = document.activeElement?.getAttribute("data-instance");
  const made = shown.map((row) => {
    const name = element(
      "button",
      { class: "link", "data-instance": row.instance },
      ...breakable(row.instance),
    );
    name.addEventListener("click", () => chooseInstance(row.instance));
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, name),
      element("td", {}, badge(row.state)),
      element("td", { class: "number" }, ...progressOf(row)),
      element("td", { class: "reason" }, ...reasonOf(row)),
    );
  });
  by("instances").replaceChildren(table(["Instance", "State", "Time", "Why"], made, [2]));
  if (focused) {
    /** @type {HTMLElement | null} */ (by("instances").querySelector(
      `[data-instance="${CSS.escape(focused)}"]`,
    ))?.focus({ preventScroll: true });
  }
}

/** Why it is as it is; of a failure what was said first, and the rest on demand. @param {any} row */
function reasonOf({ instance, state, reason }) {
  if (state !== "failed") return [reason];
  const [first, ...rest] = reason.split("\n");
  const said = element("strong", {}, first);
  if (rest.length === 0) return [said];
  const details = element(
    "details",
    {},
    element("summary", {}, "More"),
    element("pre", {}, rest.join("\n")),
  );
  /** @type {HTMLDetailsElement} */ (details).open = opened.has(instance);
  details.addEventListener("toggle", () => {
    if (/** @type {HTMLDetailsElement} */ (details).open) opened.add(instance);
    else opened.delete(instance);
  });
  return [said, details];
}

/** A name that may be wrapped after its commas. @param {string} name */
function breakable(name) {
  return name.split(/(?<=[@,])/).flatMap((part) => [part, element("wbr")]);
}

/** @param {any} row */
function progressOf({ instance, state, live, left, seconds }) {
  if (state !== "running") {
    const took = live?.seconds ?? (state === "fresh" || state === "done" ? seconds : null);
    return [took === null ? "" : duration(took)];
  }
  const bar = element("progress", {
    max: "1",
    value: String(live.fraction),
    "aria-label": `Progress of ${instance}`,
  });
  return [bar, left === null ? `${Math.round(100 * live.fraction)} %` : `${duration(left)} left`];
}

let drawnCurves = "";

function drawCurves() {
  const stages = new Map([...instancesByName()].map(([name, { stage }]) => [name, stage]));
  const own = [...model.instances].filter(([name, { samples }]) =>
    samples.length > 0 && (chosenStage === null || stages.get(name) === chosenStage)
  );
  const id = own.map(([name, { samples, startedAt }]) => `${name} ${startedAt} ${samples.length}`)
    .join();
  if (id === drawnCurves) return;
  drawnCurves = id;
  by("no-curves").hidden = own.length > 0;
  const conditions = Map.groupBy(own, ([name]) => conditionOf(name));
  const indices = new Map([...conditions.keys()].map((condition, i) => [condition, i]));
  by("legend").replaceChildren(...[...conditions].map(([condition, members], i) => {
    const swatch = drawn(
      "svg",
      { viewBox: "0 0 26 8", "aria-hidden": "true" },
      drawn("path", { class: lineClass(i), d: "M1 4H25" }),
    );
    const seeds = members.length > 1 ? ` (${members.length} seeds and their mean)` : "";
    const item = element("li", {}, swatch, condition, seeds);
    item.addEventListener("pointerenter", () => highlight(condition));
    item.addEventListener("pointerleave", () => highlight(null));
    return item;
  }));
  by("curves").replaceChildren(...curvesOf(own).map((chart) => drawChart(chart, indices)));
}

/** @param {string | null} condition */
function highlight(condition) {
  for (const curve of by("curves").querySelectorAll(".curve")) {
    const isOther = condition !== null && curve.getAttribute("data-condition") !== condition;
    curve.classList.toggle("dim", isOther);
  }
}

/** Follows a run, or the newest one. @param {string | null} id */
function follow(id) {
  pinnedRun = id;
  by("follow").hidden = id === null;
  source?.close();
  source = new EventSource(id === null ? "events" : `events?run=${encodeURIComponent(id)}`);
  source.addEventListener("run", (event) => {
    run = JSON.parse(event.data);
    isRunning = run.status === "running";
    if (!run.resumes) model = new RunModel();
    loadRuns();
    draw();
  });
  source.addEventListener("line", (event) => {
    model.take(JSON.parse(event.data));
    draw();
  });
  source.addEventListener("end", (event) => {
    run = JSON.parse(event.data);
    isRunning = false;
    model.end();
    loadRuns();
    loadPipeline();
  });
  source.addEventListener("error", () => {
    by("status").textContent = "The connection is lost; is `ui` still running? Trying again …";
  });
  source.addEventListener("open", draw);
}

by("compare").addEventListener("click", compare);
by("follow").addEventListener("click", () => follow(null));
by("report").addEventListener("toggle", () => {
  if (by("report").querySelector("iframe")) return;
  by("report").append(
    element("iframe", {
      src: reportAddress(),
      title: "The report",
      sandbox: "allow-scripts allow-downloads",
    }),
  );
});
setInterval(() => {
  loadLog();
  if (isRunning) draw();
}, LOG_MS);
globalThis.addEventListener("focus", loadPipeline);
await loadPipeline();
await loadRuns();
follow(null);
draw();
