/**
 * Slots: what jobs that run at the same time share. A request waits until all that it needs is
 * free; of those that wait, the most urgent goes first.
 *
 * @module
 */
import type { Request } from "../stage/interface.ts";
import { PriorityQueue } from "./priority_queue.ts";

/** What a machine has for jobs. */
export interface Capacity {
  readonly cpus: number;
  /** GiB. */
  readonly memory: number;
  /** The GPUs to use, as `CUDA_VISIBLE_DEVICES` has them; `null` where it says nothing. */
  readonly visibleGpus: readonly string[] | null;
}

/** What a job got. */
export interface Slot {
  readonly cpus: number;
  readonly gpus: readonly string[];
  /** Gives everything back, once. */
  release(): void;
  /** Releases it at the end of a `using` block. */
  [Symbol.dispose](): void;
}

/** What hands out slots, whatever these are. */
export type SlotSource = Pick<Slots, "acquire" | "offerGpus">;

interface Waiting {
  readonly urgency: number;
  /** Of equally urgent ones, who came first goes first. */
  readonly place: number;
  readonly grant: (slot: Slot) => void;
}

/** Those that wait for the same: a pipeline has few different requests, and many of each. */
interface Line {
  readonly request: Request;
  readonly waiting: PriorityQueue<Waiting>;
}

/** Hands out slots. */
export class Slots {
  #cpus: number;
  /** All GPUs, and those that are free. */
  #allGpus: readonly string[] = [];
  #gpus: readonly string[] = [];
  #memory: number;
  readonly #capacity: Capacity;
  readonly #lines = new Map<string, Line>();
  #places = 0;
  #scheduled = false;

  constructor(capacity: Capacity) {
    this.#capacity = capacity;
    this.#cpus = capacity.cpus;
    this.#memory = capacity.memory;
  }

  /** Adds the GPUs that a requirement found; a smaller number than before changes nothing. */
  offerGpus(count: number): void {
    const names = this.#capacity.visibleGpus ?? Array.from({ length: count }, (_, i) => String(i));
    const added = names.slice(this.#allGpus.length, count);
    this.#allGpus = [...this.#allGpus, ...added];
    this.#gpus = [...this.#gpus, ...added];
  }

  /**
   * Waits for a slot. A request for more than the machine has gets all of it; one for a GPU where
   * there is none gets CPUs.
   *
   * @param urgency The larger, the earlier among those that wait.
   */
  acquire(request: Request, urgency: number): Promise<Slot> {
    const { cpus, memory } = this.#capacity;
    const possible = {
      spareCpus: request.spareCpus,
      cpu: Math.min(Math.max(1, request.cpu), cpus),
      gpu: Math.min(request.gpu, this.#allGpus.length),
      memory: Math.min(request.memory, memory),
    };
    return new Promise((grant) => {
      this.#lineFor(possible).waiting.push({ urgency, place: this.#places++, grant });
      this.#schedule();
    });
  }

  /** Serves after the current turn, so that requests made together are ordered by urgency. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => {
      this.#scheduled = false;
      this.#serve();
    }, 0);
  }

  #lineFor(request: Request): Line {
    const { cpu, spareCpus, gpu, memory } = request;
    const name = [cpu, spareCpus, gpu, memory].join();
    let line = this.#lines.get(name);
    if (!line) {
      line = { request, waiting: new PriorityQueue(isBefore) };
      this.#lines.set(name, line);
    }
    return line;
  }

  #serve(): void {
    for (let line = this.#next(); line; line = this.#next()) {
      const { grant } = line.waiting.pop()!;
      grant(this.#take(this.#withSpareCpus(line.request)));
    }
  }

  /** The line of the most urgent whose request fits. */
  #next(): Line | null {
    let best: { line: Line; first: Waiting } | null = null;
    for (const line of this.#lines.values()) {
      const first = line.waiting.peek();
      if (!first || !this.#fits(line.request)) continue;
      if (!best || isBefore(first, best.first)) best = { line, first };
    }
    return best?.line ?? null;
  }

  /** The request with its share of the CPUs that those who wait leave over. */
  #withSpareCpus(request: Request): Request {
    if (!request.spareCpus) return request;
    let [asked, sharers] = [request.cpu, 1];
    for (const { request: { cpu, spareCpus }, waiting: { size } } of this.#lines.values()) {
      asked += size * cpu;
      if (spareCpus) sharers += size;
    }
    const share = Math.floor(Math.max(0, this.#cpus - asked) / sharers);
    return { ...request, cpu: request.cpu + share };
  }

  #fits({ cpu, gpu, memory }: Request): boolean {
    return cpu <= this.#cpus && gpu <= this.#gpus.length && memory <= this.#memory;
  }

  #take({ cpu, gpu, memory }: Request): Slot {
    const gpus = this.#gpus.slice(0, gpu);
    this.#gpus = this.#gpus.slice(gpu);
    this.#cpus -= cpu;
    this.#memory -= memory;
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      this.#cpus += cpu;
      this.#gpus = [...this.#gpus, ...gpus];
      this.#memory += memory;
      this.#schedule();
    };
    return { cpus: cpu, gpus, release, [Symbol.dispose]: release };
  }
}

function isBefore(a: Waiting, b: Waiting): boolean {
  return a.urgency > b.urgency || (a.urgency === b.urgency && a.place < b.place);
}
