// @ts-check
/** What is known of the run that is shown: made from its events alone, by which it can be tested. @module */

/** @typedef {{ time: number, values: Record<string, number | null> }} Sample */
/**
 * @typedef {object} Instance
 * @property {string} state running, done, failed, interrupted or waiting
 * @property {string} reason
 * @property {string | null} key
 * @property {number | null} startedAt milliseconds
 * @property {number | null} seconds
 * @property {number} fraction
 * @property {{ fraction: number, at: number } | null} first
 * @property {string} text
 * @property {number | null} expectedSeconds
 * @property {Sample[]} samples
 */

/** Below this share of the work, an estimate from the progress alone would be a guess. */
const ESTIMATE_FROM_FRACTION = 0.03;
const OUTCOMES = /** @type {Record<string, string>} */ ({
  ran: "done",
  restored: "done",
  fresh: "fresh",
  failed: "failed",
  skipped: "interrupted",
});

/** One run. */
export class RunModel {
  constructor() {
    /** @type {Map<string, Instance>} */
    this.instances = new Map();
    /** @type {string[]} */
    this.notes = [];
    /** @type {number | null} */
    this.slots = null;
    /** @type {string} */
    this.preparing = "";
    /** Milliseconds of the last event. */
    this.now = 0;
  }

  /** @param {any} event An event with the time at which it was recorded. */
  take(event) {
    this.now = Date.parse(event.time);
    if (event.event === "plan") {
      this.slots = event.slots;
      for (const [name, seconds] of Object.entries(event.expectedSeconds)) {
        this.#of(name).expectedSeconds = /** @type {number | null} */ (seconds);
      }
    } else if (event.event === "prepare") this.preparing = `${event.requirement}: ${event.text}`;
    else if (event.event === "note") this.notes.push(event.text);
    else if (event.event === "start") {
      const { expectedSeconds } = this.#of(event.instance);
      this.preparing = "";
      this.instances.set(event.instance, {
        ...blank(),
        state: "running",
        reason: event.reason,
        key: event.key,
        startedAt: this.now,
        expectedSeconds: event.expectedSeconds ?? expectedSeconds,
      });
    } else if (event.event === "job") this.#job(this.#of(event.instance), event.job);
    else if (event.event === "instance") {
      const instance = this.#of(event.instance);
      instance.state = OUTCOMES[event.outcome] ?? "done";
      instance.reason = event.reason;
      instance.key = event.key ?? instance.key;
      instance.seconds = event.outcome === "ran" ? event.seconds : null;
    }
  }

  /** After the last event: what runs no more was interrupted. */
  end() {
    for (const instance of this.instances.values()) {
      if (instance.state === "running" || instance.state === "waiting") {
        instance.state = "interrupted";
      }
    }
  }

  /** Seconds that an instance will still take; null where nothing is known. @param {string} name @param {number} now */
  secondsLeft(name, now) {
    const instance = this.instances.get(name);
    if (!instance) return null;
    if (instance.state === "waiting") return instance.expectedSeconds;
    if (instance.state !== "running") return 0;
    const { first, fraction, expectedSeconds, startedAt } = instance;
    const done = fraction - (first?.fraction ?? 0);
    if (first && done >= ESTIMATE_FROM_FRACTION) {
      return (now - first.at) / 1000 * (1 - fraction) / done;
    }
    if (expectedSeconds === null || startedAt === null) return null;
    const left = expectedSeconds - (now - startedAt) / 1000;
    return left > 0 ? left : null;
  }

  /** Seconds that the run will still take; null where nothing is known of a part. @param {number} now */
  runSecondsLeft(now) {
    const all = [...this.instances.keys()].map((name) => this.secondsLeft(name, now));
    if (this.slots === null || all.length === 0 || all.includes(null)) return null;
    const seconds = /** @type {number[]} */ (all);
    return Math.max(...seconds, seconds.reduce((sum, each) => sum + each, 0) / this.slots);
  }

  /** @param {Instance} instance @param {any} job */
  #job(instance, job) {
    if (job.type === "progress") {
      instance.fraction = Math.min(1, job.fraction);
      instance.text = job.text;
      instance.first ??= { fraction: instance.fraction, at: this.now };
    } else if (job.type === "live") instance.samples.push({ time: this.now, values: job.values });
  }

  /** @param {string} name */
  #of(name) {
    let instance = this.instances.get(name);
    if (!instance) this.instances.set(name, instance = blank());
    return instance;
  }
}

/** @returns {Instance} */
function blank() {
  return {
    state: "waiting",
    reason: "",
    key: null,
    startedAt: null,
    seconds: null,
    fraction: 0,
    first: null,
    text: "",
    expectedSeconds: null,
    samples: [],
  };
}

/**
 * What instances that differ in their seed alone have in common, by the form of their names,
 * `stage@axis=value,...`.
 * @param {string} instance
 */
export function conditionOf(instance) {
  const at = instance.indexOf("@");
  if (at < 0) return instance;
  const axes = instance.slice(at + 1).split(",").filter((axis) => !axis.startsWith("seed="));
  return axes.length === 0 ? instance.slice(0, at) : `${instance.slice(0, at)}@${axes.join(",")}`;
}

/** States in the order in which a person looks for them. */
const ORDER = ["running", "failed", "interrupted", "waiting", "stale", "done", "fresh"];

/**
 * Rows by their states, what runs now first; those of one state keep their order.
 * @template {{ state: string }} Row
 * @param {Row[]} rows
 */
export function inOrder(rows) {
  return rows.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

/** @typedef {{ instance: string, condition: string, points: [number, number][] }} Line */
/** @typedef {{ condition: string, points: [number, number][] }} Mean */

/**
 * The curves of some instances: one chart for each named number. The first number that a stage
 * sends is the horizontal axis if it never decreases; else it is the time since the start. Where a
 * condition has several seeds, their mean is drawn as far as all of them have come.
 *
 * @param {Iterable<[string, Instance]>} instances
 * @returns {{ name: string, axis: string, lines: Line[], means: Mean[] }[]}
 */
export function curvesOf(instances) {
  /** @type {Map<string, { name: string, axis: string, lines: Map<string, [number, number][]> }>} */
  const charts = new Map();
  for (const [instance, { samples, startedAt }] of instances) {
    const axis = axisOf(samples);
    for (const { time, values } of samples) {
      const x = axis === null ? (time - (startedAt ?? time)) / 1000 : values[axis];
      for (const [name, y] of Object.entries(values)) {
        if (name === axis || y === null || x === null) continue;
        const id = `${name} ${axis ?? ""}`;
        let chart = charts.get(id);
        if (!chart) charts.set(id, chart = { name, axis: axis ?? "seconds", lines: new Map() });
        const points = chart.lines.get(instance) ?? [];
        if (points.length === 0) chart.lines.set(instance, points);
        points.push([x, y]);
      }
    }
  }
  return [...charts.values()].map(({ name, axis, lines }) => {
    const drawn = [...lines].map(([instance, points]) => ({
      instance,
      condition: conditionOf(instance),
      points,
    }));
    return { name, axis, lines: drawn, means: meansOf(drawn) };
  });
}

/** @param {Line[]} lines @returns {Mean[]} */
function meansOf(lines) {
  return [...Map.groupBy(lines, ({ condition }) => condition)].flatMap(([condition, own]) => {
    const points = own.length < 2 ? [] : meanOf(own.map((line) => line.points));
    return points.length === 0 ? [] : [{ condition, points }];
  });
}

/**
 * The mean where every curve has a value.
 * @param {[number, number][][]} curves
 * @returns {[number, number][]}
 */
function meanOf([first, ...others]) {
  const values = others.map((points) => new Map(points));
  return first.flatMap(([x, y]) => {
    let sum = y;
    for (const each of values) sum += each.get(x) ?? NaN;
    return Number.isNaN(sum)
      ? []
      : [/** @type {[number, number]} */ ([x, sum / (1 + others.length)])];
  });
}

/** @param {Sample[]} samples */
function axisOf(samples) {
  const [name, ...others] = Object.keys(samples[0]?.values ?? {});
  if (name === undefined || others.length === 0) return null;
  let last = -Infinity;
  for (const { values } of samples) {
    const value = values[name];
    if (typeof value !== "number" || value < last) return null;
    last = value;
  }
  return name;
}
