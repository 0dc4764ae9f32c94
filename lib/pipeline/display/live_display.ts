/**
 * The live part of a terminal: one line for each running instance, with its progress and an
 * estimate of the time that is left, and one for the whole run. Each change is one write that
 * overwrites what stood there, so that nothing flickers.
 *
 * @module
 */
import type { RunEvent } from "../execute/events.ts";
import { formatSeconds } from "../../base/format.ts";
import { TimeLeft } from "./time_left.ts";

const BAR_CELLS = 20;
const REDRAW_INTERVAL_MS = 100;
/** On a narrower terminal the bar is half as long. */
const WIDE_COLUMNS = 90;
const TIME_WIDTH = "12 min 34 s left".length;
/** A name is not cut to less. */
const MIN_NAME = 16;
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[0J";

/** The size of a terminal. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Where a display draws. */
export interface Screen {
  size(): Size;
  write(text: string): void;
}

interface Running {
  fraction: number;
  text: string;
  live: Readonly<Record<string, number | null>>;
}

/** Draws on a terminal. */
export class LiveDisplay {
  readonly #instances: number;
  readonly #screen: Screen;
  readonly #running = new Map<string, Running>();
  readonly #timeLeft: TimeLeft;
  #preparing: string | null = null;
  #ended = 0;
  /** Lengths of the lines that stand there. */
  #drawn: readonly number[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** @param now Milliseconds of a clock. */
  constructor(
    instances: number,
    screen: Screen = stderr,
    now: () => number = () => performance.now(),
  ) {
    this.#instances = instances;
    this.#screen = screen;
    this.#timeLeft = new TimeLeft(now);
  }

  /** Takes up what a run tells. */
  update(event: RunEvent): void {
    this.#timeLeft.update(event);
    if (event.event === "prepare") {
      const share = event.fraction === null ? "" : `${Math.round(100 * event.fraction)} % `;
      this.#preparing = `${event.requirement}: ${share}${event.text}`;
    } else if (event.event === "start") {
      this.#preparing = null;
      this.#running.set(event.instance, { fraction: 0, text: "", live: {} });
    } else if (event.event === "job") {
      const running = this.#running.get(event.instance);
      if (running && event.job.type === "progress") {
        running.fraction = event.job.fraction;
        running.text = event.job.text;
      } else if (running && event.job.type === "live") running.live = event.job.values;
    } else if (event.event === "instance") {
      this.#running.delete(event.instance);
      this.#ended += 1;
    }
    this.#timer ??= setTimeout(() => this.#draw(""), REDRAW_INTERVAL_MS);
  }

  /** Prints lines that stay. */
  print(text: string): void {
    this.#draw(`${text.replaceAll("\n", `${CLEAR_LINE}\n`)}${CLEAR_LINE}\n`);
  }

  /** Erases the live part. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#drawn.length > 0) this.#screen.write(`${this.#home()}${CLEAR_BELOW}`);
    this.#drawn = [];
  }

  #draw(above: string): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = this.#running.size > 0 ? setTimeout(() => this.#draw(""), 1000) : null;
    const size = this.#screen.size();
    const lines = this.#lines(size).map((line) => fit(line, size.columns - 1));
    const text = lines.map((line) => `${line}${CLEAR_LINE}\n`).join("");
    this.#screen.write(`${this.#home()}${above}${text}${CLEAR_BELOW}`);
    this.#drawn = lines.map((line) => line.length);
  }

  #lines({ columns, rows }: Size): string[] {
    const room = Math.max(1, rows - 4);
    const running = [...this.#running].map(([name, each]) => this.#describe(name, each, columns));
    const hidden = running.length - room;
    const lines = hidden > 0 ? [...running.slice(0, room), `and ${hidden} more`] : running;
    if (this.#preparing) lines.push(this.#preparing);
    return lines.length > 0 ? [...lines, this.#whole()] : [];
  }

  #whole(): string {
    const left = this.#timeLeft.ofRun();
    const time = left === null ? "" : `, about ${formatSeconds(left)} left`;
    return `${this.#ended} of ${this.#instances} instances done${time}`;
  }

  /** What matters most stands first, as a narrow terminal cuts the end. */
  #describe(name: string, { fraction, text, live }: Running, columns: number): string {
    const cells = columns < WIDE_COLUMNS ? BAR_CELLS / 2 : BAR_CELLS;
    const filled = Math.round(cells * Math.min(1, Math.max(0, fraction)));
    const bar = "█".repeat(filled) + "░".repeat(cells - filled);
    const left = this.#timeLeft.ofInstance(name);
    const time = (left === null ? "" : `${formatSeconds(left)} left`).padStart(TIME_WIDTH);
    const values = Object.entries(live).flatMap(([key, value]) =>
      value === null ? [] : [`${key} ${shorten(value)}`]
    );
    // Spaces, the last column, and the mark of what is cut off after the name.
    const room = Math.max(MIN_NAME, columns - cells - TIME_WIDTH - 6);
    return [`${bar} ${time}`, elide(name, room), text, ...values].filter((part) => part !== "")
      .join("  ");
  }

  /** Moves to where the live part starts; a terminal that became narrower has wrapped its lines. */
  #home(): string {
    const { columns } = this.#screen.size();
    const rows = this.#drawn.reduce((sum, each) => sum + Math.max(1, Math.ceil(each / columns)), 0);
    return rows > 0 ? `\r\x1b[${rows}A` : "";
  }
}

/** One line of at most so many characters; what a stage says may hold anything. */
function fit(text: string, width: number): string {
  // deno-lint-ignore no-control-regex
  const line = text.replaceAll(/[\x00-\x1f\x7f]+/g, " ");
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** Leaves the middle out: names begin with the stage and end with what tells instances apart. */
function elide(name: string, width: number): string {
  if (name.length <= width) return name;
  const head = Math.floor((width - 1) / 3);
  return `${name.slice(0, head)}…${name.slice(name.length - (width - 1 - head))}`;
}

function shorten(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}

const stderr: Screen = {
  size() {
    try {
      return Deno.consoleSize();
    } catch {
      return { columns: 80, rows: 24 };
    }
  },
  write(text) {
    const bytes = new TextEncoder().encode(text);
    for (let sent = 0; sent < bytes.length;) sent += Deno.stderr.writeSync(bytes.subarray(sent));
  },
};
