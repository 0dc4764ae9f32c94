// The page without this script is complete. It adds: tables that sort, and charts that come alive
// (values on hover, zoom, pan by drag) when they are first pointed at or focused.

/** Makes the header cells of a table buttons that sort its rows. */
function makeSortable(table) {
  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => sortBy(table, headers, column));
  });
}

function sortBy(table, headers, column) {
  const descending = headers[column].getAttribute("aria-sort") === "ascending";
  headers.forEach((header) => header.removeAttribute("aria-sort"));
  headers[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
  const body = table.tBodies[0];
  const rows = [...body.rows].sort((a, b) => compareCells(a.cells[column], b.cells[column]));
  body.append(...(descending ? rows.reverse() : rows));
}

function compareCells(a, b) {
  const [x, y] = [a, b].map((cell) => Number(cell.dataset.order ?? NaN));
  if (!Number.isNaN(x) || !Number.isNaN(y)) {
    return (Number.isNaN(x) ? -Infinity : x) - (Number.isNaN(y) ? -Infinity : y);
  }
  return a.textContent.localeCompare(b.textContent, "en", { numeric: true });
}

/** Vega comes along compressed; it is unpacked once, when the first chart needs it. */
let loading;
function loadVega() {
  loading ??= unpack(document.getElementById("vega-runtime").textContent).then((code) => {
    const script = document.createElement("script");
    script.textContent = code;
    document.head.append(script);
    return globalThis.vega;
  });
  return loading;
}

async function unpack(base64) {
  const bytes = Uint8Array.from(atob(base64.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
}

/** Replaces a static picture by the same chart, drawn by Vega. */
async function bringToLife(chart) {
  const vega = await loadVega();
  const spec = JSON.parse(document.getElementById(chart.dataset.spec).textContent);
  const stage = document.createElement("div");
  const view = new vega.View(vega.parse(spec), { renderer: "svg", hover: true });
  view.tooltip((_handler, event, _item, value) => showTip(event, value));
  await view.initialize(stage).runAsync();
  const drawn = stage.querySelector("svg");
  const { width, height } = drawn.viewBox.baseVal;
  drawn.setAttribute("width", width);
  drawn.setAttribute("height", height);
  stage.setAttribute("aria-hidden", "true");
  chart.replaceChildren(stage);
  chart.dataset.alive = "true";
}

function showTip(event, value) {
  const tip = document.getElementById("tip");
  tip.hidden = value === null || value === undefined || value === "";
  if (tip.hidden) return;
  const list = document.createElement("dl");
  for (const [name, text] of Object.entries(value)) {
    const term = document.createElement("dt");
    term.textContent = name;
    const detail = document.createElement("dd");
    detail.textContent = text;
    list.append(term, detail);
  }
  tip.replaceChildren(list);
  const left = Math.min(event.clientX + 14, globalThis.innerWidth - tip.offsetWidth - 8);
  const top = Math.min(event.clientY + 14, globalThis.innerHeight - tip.offsetHeight - 8);
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${Math.max(8, top)}px`;
}

document.querySelectorAll("table.sortable").forEach(makeSortable);
document.querySelectorAll(".chart").forEach((chart) => {
  const start = () => {
    chart.removeEventListener("pointerenter", start);
    chart.removeEventListener("focus", start);
    bringToLife(chart);
  };
  chart.addEventListener("pointerenter", start);
  chart.addEventListener("focus", start);
});
