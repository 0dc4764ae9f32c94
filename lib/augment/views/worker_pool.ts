/**
 * Module workers that do jobs, with the results in the order of the jobs and a bounded number of
 * them under way.
 *
 * @module
 */

/** What a worker is told: its set-up first, then its jobs. */
export type Request<Setup, Job> = { readonly setup: Setup } | { readonly job: Job };

/** What a worker answers to a job; it answers in the order in which it was asked. */
export type Reply<Result> = { readonly result: Result } | { readonly error: unknown };

/** Jobs a worker may have in hand, done ones included until they are taken: one runs, one waits. */
export const JOBS_PER_WORKER = 2;

/** Workers of one module; they end when the pool is disposed of. */
export class WorkerPool<Setup, Job, Result> {
  readonly #workers: JobWorker<Setup, Job, Result>[];
  #next = 0;

  /**
   * @param module The worker's module; it answers each {@link Request} with a job by one
   * {@link Reply}.
   * @param count The number of workers, at least 1.
   * @param setup What every worker is told first.
   */
  constructor(module: URL, count: number, setup: Setup) {
    this.#workers = Array.from({ length: count }, () => new JobWorker(module, setup));
  }

  /**
   * Has a job done by the worker whose turn it is. The caller bounds the number of jobs under way.
   *
   * @throws {Error} If the job fails; the cause is what the worker threw.
   */
  run(job: Job): Promise<Result> {
    const worker = this.#workers[this.#next];
    this.#next = (this.#next + 1) % this.#workers.length;
    return worker.run(job);
  }

  /**
   * Has each job done by one of the workers in turn.
   *
   * @returns The results in the order of the jobs.
   * @throws {Error} If a job fails; the cause is what the worker threw.
   */
  async *map(jobs: Iterable<Job>): AsyncGenerator<Result, void, void> {
    const pending: Promise<Result>[] = [];
    for (const job of jobs) {
      if (pending.length === this.#workers.length * JOBS_PER_WORKER) {
        yield await pending.shift() as Result;
      }
      pending.push(this.run(job));
    }
    for (const result of pending) yield await result;
  }

  /** Ends the workers at once, whatever they do. */
  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.terminate();
  }
}

class JobWorker<Setup, Job, Result> {
  readonly #worker: Worker;
  readonly #waiting: PromiseWithResolvers<Result>[] = [];
  /** Why the worker is dead, if it is. */
  #death: { error: unknown } | undefined;

  constructor(module: URL, setup: Setup) {
    this.#worker = new Worker(module, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<Reply<Result>>) => this.#settle(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#death = { error: event.error ?? event.message };
      while (this.#waiting.length > 0) this.#settle(this.#death);
    };
    this.#send({ setup });
  }

  run(job: Job): Promise<Result> {
    const waiting = Promise.withResolvers<Result>();
    // A failure is reported when its turn comes: until then nobody listens.
    waiting.promise.catch(() => {});
    this.#waiting.push(waiting);
    if (this.#death === undefined) this.#send({ job });
    else this.#settle(this.#death);
    return waiting.promise;
  }

  terminate(): void {
    this.#worker.terminate();
  }

  #send(request: Request<Setup, Job>): void {
    this.#worker.postMessage(request);
  }

  #settle(reply: Reply<Result>): void {
    const waiting = this.#waiting.shift();
    if ("result" in reply) waiting?.resolve(reply.result);
    else {
      const message = "Cannot finish a job as its worker failed";
      waiting?.reject(new Error(message, { cause: reply.error }));
    }
  }
}
