/**
 * The live part of a terminal: one line for each running instance, with its progress and an
 * estimate of the time that is left, and one for the whole run.
 *
 * @module
 */
import type { RunEvent } from "./events.ts";
import { formatSeconds } from "./format.ts";

const BAR_CELLS = 20;
const REDRAW_INTERVAL_MS = 100;
/** Below this share of the work, an estimate from the progress alone would be a guess. */
const ESTIMATE_FROM_FRACTION = 0.03;

interface Running {
  readonly startedAt: number;
  readonly expectedSeconds: number | null;
  fraction: number;
  text: string;
  live: Readonly<Record<string, number>>;
}

/** Draws on stderr. */
export class LiveDisplay {
  readonly #instances: number;
  readonly #running = new Map<string, Running>();
  #preparing: string | null = null;
  #ended = 0;
  #drawnLines = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(instances: number) {
    this.#instances = instances;
  }

  /** Takes up what a running instance tells. */
  update(event: RunEvent): void {
    if (event.event === "prepare") {
      const share = event.fraction === null ? "" : `${Math.round(100 * event.fraction)} % `;
      this.#preparing = `${event.requirement}: ${share}${event.text}`;
    } else if (event.event === "start") {
      this.#preparing = null;
      const { instance, expectedSeconds } = event;
      const startedAt = performance.now();
      this.#running.set(instance, { startedAt, expectedSeconds, fraction: 0, text: "", live: {} });
    } else if (event.event === "job") {
      const running = this.#running.get(event.instance);
      if (running && event.job.type === "progress") {
        running.fraction = event.job.fraction;
        running.text = event.job.text;
      } else if (running && event.job.type === "live") running.live = event.job.values;
    }
    this.#timer ??= setTimeout(() => this.#draw(), REDRAW_INTERVAL_MS);
  }

  /** Takes an instance off the display. */
  finish(instance: string): void {
    this.#running.delete(instance);
    this.#ended += 1;
  }

  /** Prints a line that stays. */
  print(line: string): void {
    this.#erase();
    console.error(line);
    this.#draw();
  }

  /** Erases the live part. */
  close(): void {
    this.#erase();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #draw(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = this.#running.size > 0 ? setTimeout(() => this.#draw(), 1000) : null;
    const { columns } = consoleSize();
    const lines = [...this.#running].map(([name, running]) => describe(name, running));
    if (this.#preparing) lines.push(this.#preparing);
    if (lines.length > 0) lines.push(`${this.#ended} of ${this.#instances} instances done`);
    this.#erase();
    write(lines.map((line) => `${line.slice(0, columns - 1)}\n`).join(""));
    this.#drawnLines = lines.length;
  }

  #erase(): void {
    if (this.#drawnLines > 0) write(`\x1b[${this.#drawnLines}A\x1b[0J`);
    this.#drawnLines = 0;
  }
}

function describe(name: string, running: Running): string {
  const { fraction, text } = running;
  const filled = Math.round(BAR_CELLS * Math.min(1, Math.max(0, fraction)));
  const bar = "█".repeat(filled) + "░".repeat(BAR_CELLS - filled);
  const left = secondsLeft(running);
  const time = left === null ? "" : ` ${formatSeconds(left)} left`;
  const live = Object.entries(running.live).map(([key, value]) => `${key} ${shorten(value)}`);
  return [`${bar} ${name}${time}`, text, ...live].filter((part) => part !== "").join("  ");
}

/** By the progress once there is some, else by the last time. */
function secondsLeft({ startedAt, fraction, expectedSeconds }: Running): number | null {
  const elapsed = (performance.now() - startedAt) / 1000;
  if (fraction >= ESTIMATE_FROM_FRACTION) return elapsed * (1 / Math.min(1, fraction) - 1);
  return expectedSeconds === null ? null : Math.max(0, expectedSeconds - elapsed);
}

function shorten(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}

function consoleSize(): { columns: number } {
  try {
    return Deno.consoleSize();
  } catch {
    return { columns: 80 };
  }
}

function write(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) sent += Deno.stderr.writeSync(bytes.subarray(sent));
}
