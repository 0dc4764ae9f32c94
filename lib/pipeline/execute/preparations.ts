/**
 * Prepares requirements, each at most once per run and only when an instance that needs it will execute.
 *
 * @module
 */
import { PipelineError } from "../base/errors.ts";
import type { EventSink } from "./events.ts";
import type { Prepared, RequirementLoader } from "./requirement.ts";
import { suggestion } from "../base/suggest.ts";

const NOTHING: Prepared = { env: {}, grants: [], gpus: 0, summary: "", versions: {} };

/** The requirements of one run. */
export class Preparations {
  readonly #loaders: Readonly<Record<string, RequirementLoader>>;
  readonly #emit: EventSink;
  readonly #signal: AbortSignal;
  readonly #prepared = new Map<string, Promise<Prepared>>();
  readonly #price: (requirement: string, prepared: Prepared) => Promise<string | null>;
  /** Seconds spent on installing, for the summary. */
  installSeconds: number;

  /**
   * @param installSeconds Seconds that were spent on installs already.
   * @param price Says what a slow choice costs in time; `null` where nothing is known.
   */
  constructor(
    loaders: Readonly<Record<string, RequirementLoader>>,
    emit: EventSink,
    signal: AbortSignal,
    installSeconds: number,
    price: (requirement: string, prepared: Prepared) => Promise<string | null> = () =>
      Promise.resolve(null),
  ) {
    this.#loaders = loaders;
    this.#emit = emit;
    this.#signal = signal;
    this.#price = price;
    this.installSeconds = installSeconds;
  }

  /** Prepares what a stage requires, and joins what its processes are given. */
  async prepare(names: readonly string[]): Promise<Prepared> {
    const all = await Promise.all(names.map((name) => this.#one(name)));
    return all.reduce((joined, each) => ({
      env: { ...joined.env, ...each.env },
      grants: [...joined.grants, ...each.grants],
      gpus: Math.max(joined.gpus, each.gpus),
      summary: "",
      versions: { ...joined.versions, ...each.versions },
      onCrash: [...joined.onCrash ?? [], ...each.onCrash ?? []],
    }), NOTHING);
  }

  #one(name: string): Promise<Prepared> {
    let prepared = this.#prepared.get(name);
    if (!prepared) this.#prepared.set(name, prepared = this.#load(name));
    return prepared;
  }

  async #load(name: string): Promise<Prepared> {
    const loader = this.#loaders[name];
    if (!loader) {
      throw new PipelineError(
        `There is no requirement "${name}": ${suggestion(name, Object.keys(this.#loaders))}`,
      );
    }
    const started = performance.now();
    const requirement = await loader();
    const report = (text: string, fraction: number | null) =>
      this.#emit({ event: "prepare", requirement: name, text, fraction });
    const prepared = await requirement.prepare({
      log: (line) => report(line, null),
      progress: (fraction, text) => report(text, fraction),
      signal: this.#signal,
    });
    this.installSeconds += (performance.now() - started) / 1000;
    if (prepared.summary) this.#emit({ event: "note", text: prepared.summary });
    const price = prepared.slowdownFrom ? await this.#price(name, prepared) : null;
    if (price !== null) this.#emit({ event: "note", text: price });
    return prepared;
  }
}
