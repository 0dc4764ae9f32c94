/**
 * A run's events as server-sent events. Each carries `RUN/BYTES` as its id; a browser that lost the
 * connection sends the last one back and misses nothing.
 *
 * @module
 */
import { EVENTS, isGoingOn } from "../records/run_log.ts";
import type { Store } from "../store/store.ts";
import { readLines } from "./event_lines.ts";
import type { History } from "./history.ts";

const POLL_MS = 400;
/** So often something is sent, so that both ends notice a lost connection. */
const HEARTBEAT_MS = 15_000;

/** A place in a record. */
export interface Place {
  readonly run: string;
  readonly bytes: number;
}

/** Reads the id of an event; `null` if it is none. */
export function parsePlace(id: string | null): Place | null {
  const match = /^([0-9A-Za-z-]+)\/([0-9]{1,15})$/.exec(id ?? "");
  return match && { run: match[1], bytes: Number(match[2]) };
}

/** What is followed. */
export interface Following {
  readonly store: Store;
  readonly history: History;
  /** The run that is to be shown now; `null` if there is none. */
  readonly current: () => string | null;
  readonly from: Place | null;
}

/**
 * Streams until the reader goes away. Events: `run` (data: the run's record; the page starts anew
 * unless it goes on with the same run), `line` (an event of the run) and `end` (the record).
 */
export function eventStream(following: Following): ReadableStream<Uint8Array<ArrayBuffer>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return new ReadableStream({
    start(controller) {
      const encoder = new TextEncoder();
      const send = (text: string) => controller.enqueue(encoder.encode(text));
      const follower = new Follower(following, send);
      const poll = () => {
        // A reader that is slower than the record waits: memory is bounded.
        if ((controller.desiredSize ?? 0) > -64) follower.poll();
        timer = setTimeout(poll, POLL_MS);
      };
      send("retry: 1000\n\n");
      poll();
    },
    cancel: () => clearTimeout(timer),
  });
}

class Follower {
  readonly #following: Following;
  readonly #send: (text: string) => void;
  #run: string | null = null;
  #bytes = 0;
  #hasEnded = false;
  #sentAt = performance.now();

  constructor(following: Following, send: (text: string) => void) {
    this.#following = following;
    this.#send = send;
  }

  poll(): void {
    const { store, history, from, current } = this.#following;
    const id = current();
    if (id === null) return this.#beat();
    if (id !== this.#run) {
      const resumes = this.#run === null && from?.run === id;
      this.#run = id;
      this.#bytes = resumes ? from.bytes : 0;
      this.#hasEnded = false;
      this.#event("run", { ...history.run(id), resumes });
    }
    // Asked before the lines are read, so that none comes after the end.
    const isRunning = isGoingOn(store, id);
    for (;;) {
      const { lines, end } = readLines(store.path("runs", id, EVENTS), this.#bytes);
      for (const line of lines) {
        this.#write(`event: line\nid: ${id}/${line.end}\ndata: ${line.text}\n\n`);
      }
      if (end === this.#bytes) break;
      this.#bytes = end;
    }
    if (!isRunning && !this.#hasEnded) {
      this.#hasEnded = true;
      this.#event("end", history.run(id));
    }
    this.#beat();
  }

  #event(event: string, data: unknown): void {
    this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #beat(): void {
    if (performance.now() - this.#sentAt > HEARTBEAT_MS) this.#write(": still here\n\n");
  }

  #write(text: string): void {
    this.#sentAt = performance.now();
    this.#send(text);
  }
}
