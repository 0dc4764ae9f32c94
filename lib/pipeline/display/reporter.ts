/**
 * Reporters show a run: as JSON lines for programs, as plain lines for logs, and as a live display
 * on a terminal. Data goes to stdout, progress to stderr.
 *
 * @module
 */
import type { RunEvent, SummaryEvent } from "../execute/events.ts";
import { count, formatSeconds } from "../../base/format.ts";
import { LiveDisplay } from "./live_display.ts";

/** Shows a run. */
export interface Reporter {
  emit(event: RunEvent): void;
  /** Shows the end. @param texts What the published reports have to say. */
  end(summary: SummaryEvent, texts: readonly string[]): void;
  close(): void;
}

/** The reporter that suits stderr. @param instances Number of instances in the run. */
export function openReporter(asJson: boolean, instances: number): Reporter {
  if (asJson) return new JsonReporter();
  const canDraw = Deno.stderr.isTerminal() && Deno.env.get("TERM") !== "dumb";
  return canDraw ? new LiveReporter(instances) : new PlainReporter(instances);
}

class JsonReporter implements Reporter {
  emit(event: RunEvent): void {
    console.log(JSON.stringify(event));
  }

  end(summary: SummaryEvent): void {
    console.log(JSON.stringify(summary));
  }

  close(): void {}
}

/** Interval between mentions of a running instance in a log. */
const PLAIN_INTERVAL_MS = 15_000;

class PlainReporter implements Reporter {
  readonly #instances: number;
  readonly #mentioned = new Map<string, number>();
  #ended = 0;

  constructor(instances: number) {
    this.#instances = instances;
  }

  emit(event: RunEvent): void {
    switch (event.event) {
      case "start":
        this.#mentioned.set(event.instance, performance.now());
        return this.#print(`start    ${event.instance}  ${event.reason}${expected(event)}`);
      case "job":
        if (event.job.type === "progress") this.#progress(event.instance, event.job);
        return;
      case "instance":
        this.#ended += 1;
        if (event.outcome !== "fresh") this.#print(endLine(event, this.#position()));
        return;
      case "prepare":
        return this.#rarely(event.requirement, `prepare  ${event.requirement}: ${event.text}`);
      case "note":
        return this.#print(event.text);
      default:
        return;
    }
  }

  #position(): string {
    return `[${this.#ended}/${this.#instances}]`;
  }

  #progress(instance: string, { fraction, text }: { fraction: number; text: string }): void {
    this.#rarely(instance, `${percent(fraction).padEnd(8)} ${instance}  ${text}`);
  }

  #rarely(subject: string, line: string): void {
    const now = performance.now();
    if (now - (this.#mentioned.get(subject) ?? -Infinity) < PLAIN_INTERVAL_MS) return;
    this.#mentioned.set(subject, now);
    this.#print(line);
  }

  #print(line: string): void {
    console.error(line);
  }

  end(summary: SummaryEvent, texts: readonly string[]): void {
    for (const text of texts) console.log(text);
    console.log(summaryLine(summary, this.#instances));
  }

  close(): void {}
}

class LiveReporter implements Reporter {
  readonly #display: LiveDisplay;
  readonly #instances: number;

  constructor(instances: number) {
    this.#instances = instances;
    this.#display = new LiveDisplay(instances);
  }

  emit(event: RunEvent): void {
    this.#display.update(event);
    if (event.event === "instance" && event.outcome !== "fresh") {
      this.#display.print(endLine(event, ""));
    } else if (event.event === "note") this.#display.print(event.text);
  }

  end(summary: SummaryEvent, texts: readonly string[]): void {
    this.#display.close();
    for (const text of texts) console.log(text);
    console.log(summaryLine(summary, this.#instances));
  }

  close(): void {
    this.#display.close();
  }
}

function expected({ expectedSeconds }: { expectedSeconds: number | null }): string {
  return expectedSeconds === null ? "" : ` (${formatSeconds(expectedSeconds)} last time)`;
}

function endLine(
  event: Extract<RunEvent, { event: "instance" }>,
  position: string,
): string {
  const { outcome, instance, reason, seconds } = event;
  const time = outcome === "ran" ? `  ${formatSeconds(seconds)}` : "";
  return `${outcome.padEnd(8)} ${instance}${time}  ${reason} ${position}`.trimEnd();
}

/** A share in whole percent. */
export function percent(fraction: number): string {
  return `${Math.round(100 * Math.min(1, Math.max(0, fraction)))} %`;
}

function summaryLine(summary: SummaryEvent, instances: number): string {
  const { ran, restored, fresh, failed, seconds, installSeconds } = summary;
  const skipped = instances - ran - restored - fresh - failed;
  if (fresh === instances) {
    return `everything is fresh: ${count(instances, "instance")} in ${formatSeconds(seconds)}`;
  }
  const parts = [
    `${ran} ran`,
    `${restored} restored`,
    `${fresh} fresh`,
    ...failed > 0 ? [`${failed} failed`] : [],
    ...skipped > 0 ? [`${skipped} skipped`] : [],
  ];
  const installs = installSeconds >= 1 ? ` and ${formatSeconds(installSeconds)} of installs` : "";
  const next = failed > 0
    ? "\nNext: the verb `logs TARGET` shows a log; run again to go on from here"
    : skipped > 0
    ? "\nNext: run again to go on from here; nothing that is done runs again"
    : "";
  return `${parts.join(", ")} in ${formatSeconds(seconds)}${installs}${next}`;
}
