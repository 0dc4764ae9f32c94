/**
 * How a stage is declared: its params, the tables that it reads and writes, what it needs from the
 * machine, and the function that does the work.
 *
 * @module
 */
import type { z } from "zod";
import type { Columns, Rows, TableSchema } from "../../arrow/schema.ts";
import type { TableFile } from "../../arrow/reader.ts";
import type { WriterOptions } from "../../arrow/writer.ts";

/** An input that receives every producer instance left after joining on the shared axes. */
export interface Gather<C extends Columns> {
  readonly gathers: TableSchema<C>;
  /** Whether the stage also reads who made each table; its records then enter the stage key. */
  readonly provenance: boolean;
  /** Whether the pipeline may name no producer at all. */
  readonly mayBeEmpty: boolean;
}

/** An input that an instance may lack: its need has a `when` that does not hold. */
export interface Optional<C extends Columns> {
  readonly optional: TableSchema<C>;
}

/** What a stage may declare as an input: one table, maybe one, or many. */
// deno-lint-ignore no-explicit-any -- a schema of any columns; `Columns` would lose their names
export type InputSpec = TableSchema<any> | Gather<any> | Optional<any>;

/** A table small enough for version control, from which `--frozen` regenerates the report. */
export interface Committed<C extends Columns> {
  readonly commits: TableSchema<C>;
}

/** Files that the engine copies into the report's folder. */
export interface Published {
  readonly publishes: "files";
  /** The text file among them that a run prints when it has made them. */
  readonly show: string | null;
}

/** What a stage may declare as an output. */
// deno-lint-ignore no-explicit-any -- as for InputSpec
export type OutputSpec = TableSchema<any> | Committed<any> | Published;

/**
 * Receives all producer instances' tables, each with the axis values that it stands for.
 *
 * @param options.provenance Whether the stage also reads who made each table.
 * @param options.mayBeEmpty Whether the pipeline may name no producer at all.
 */
export function gather<C extends Columns>(
  schema: TableSchema<C>,
  { provenance = false, mayBeEmpty = false }: { provenance?: boolean; mayBeEmpty?: boolean } = {},
): Gather<C> {
  return { gathers: schema, provenance, mayBeEmpty };
}

/** Receives `undefined` where the need's `when` does not hold. */
export function optional<C extends Columns>(schema: TableSchema<C>): Optional<C> {
  return { optional: schema };
}

/** Keeps a copy of the table in the report's `data/` folder, for `--frozen`. */
export function committed<C extends Columns>(schema: TableSchema<C>): Committed<C> {
  return { commits: schema };
}

/**
 * Files for people, copied into the report's folder.
 *
 * @param options.show Path of a text file among them that a run prints when it has made them.
 */
export function published(options: { show?: string } = {}): Published {
  return { publishes: "files", show: options.show ?? null };
}

/**
 * Marks a param that says where something lies. Of a file only the content enters the key; an address
 * stands for itself, as planning works without a network.
 */
export const LOCATION = { location: true } as const;

/** How an instance's result came about, as its manifest records it. */
export interface Provenance {
  readonly stageKey: string;
  readonly instance: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** Wall time of the execution in seconds. */
  readonly seconds: number;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** One member of a gathered input. */
export interface GatheredTable<C extends Columns> {
  readonly axes: Readonly<Record<string, string>>;
  readonly table: TableFile<C>;
  /** Present where the input is declared with `provenance`. */
  readonly provenance: Provenance | null;
}

/** What `run` receives for an input. */
export type InputOf<S extends InputSpec> = S extends Gather<infer C> ? readonly GatheredTable<C>[]
  : S extends Optional<infer C> ? TableFile<C> | undefined
  : S extends TableSchema<infer C> ? TableFile<C>
  : never;

/**
 * An earlier result of the stage, from the same code, inputs, seed and params but for a smaller
 * value of the param that the stage `extends`.
 */
export interface Predecessor<P, O extends Outputs> {
  readonly params: P;
  /** Its tables by output; files for people are not among them. */
  readonly tables: { readonly [N in keyof O as O[N] extends Published ? never : N]: TableOf<O[N]> };
}

/** The table that a stage wrote to an output. */
export type TableOf<S extends OutputSpec> = S extends Committed<infer C> ? TableFile<C>
  : S extends TableSchema<infer C> ? TableFile<C>
  : never;

/** Where a stage writes a table. */
export interface OutputTable<C extends Columns> {
  /** Sets shapes and metadata; only before the first rows. */
  configure(options: Pick<WriterOptions<C>, "shapes" | "metadata">): void;
  /** Appends rows as one record batch; 4-16 MiB is a good size for it. */
  append(rows: Rows<C>): void;
}

/** Where a stage writes files for people. */
export interface OutputFiles {
  /** Writes one file. @param path Relative, with forward slashes. */
  write(path: string, content: string | Uint8Array): void;
}

/** What `run` receives for an output. */
export type OutputOf<S extends OutputSpec> = S extends Published ? OutputFiles
  : S extends Committed<infer C> ? OutputTable<C>
  : S extends TableSchema<infer C> ? OutputTable<C>
  : never;

/** What a stage takes from the machine while it runs. */
export interface Resources {
  /** CPU slots; on CPUs also the number of threads to use. @default {1} */
  readonly cpu?: number;
  /**
   * Whether to take the CPU slots as well that nothing waits for when it starts: for work that any
   * number of threads does alike. @default {false}
   */
  readonly spareCpus?: boolean;
  /** GPUs; where there are none the stage takes CPU slots. @default {0} */
  readonly gpu?: number;
  /** Memory in GiB. @default {0} */
  readonly memory?: number;
}

/** Values differ by at most `absolute` plus `relative` times the larger magnitude. */
export interface Tolerance {
  /** @default {0} */
  readonly absolute?: number;
  /** @default {0} */
  readonly relative?: number;
  /** Columns, as OUTPUT.COLUMN, that tell of the execution itself, such as durations: any value goes. */
  readonly except?: readonly string[];
}

/** A place for work in progress that survives a kill and is emptied when the instance is done. */
export interface Checkpoint {
  /** The last complete checkpoint's folder, or `null` if there is none. */
  readonly latest: string | null;
  /** Writes a new checkpoint into an empty folder; it counts only once `write` has returned. */
  save(write: (folder: string) => void | Promise<void>): Promise<void>;
}

/** Everything a stage's `run` may use: no other clock, randomness, files or output. */
export interface StageContext<P, I extends Inputs, O extends Outputs> {
  readonly params: P;
  readonly inputs: { readonly [N in keyof I]: InputOf<I[N]> };
  readonly outputs: { readonly [N in keyof O]: OutputOf<O[N]> };
  /** The result to go on from; `null` unless the stage `extends` a param and there is one. */
  readonly predecessor: Predecessor<P, O> | null;
  /** The instance's name and axis values, for titles; they must not change results. */
  readonly instance: string;
  readonly axes: Readonly<Record<string, string>>;
  /** The random seed of this instance. */
  readonly seed: number;
  /** Threads that the instance may use. */
  readonly threads: number;
  /** Where downloads are kept between runs; `null` unless the stage declares `network`. */
  readonly downloads: string | null;
  readonly checkpoint: Checkpoint;
  /** Aborts when the run is to stop: save a checkpoint and throw `signal.reason`. */
  readonly signal: AbortSignal;
  /** A monotonic clock in milliseconds. */
  now(): number;
  /** Reports how far the work is, in [0, 1], and what it does now. */
  progress(fraction: number, text?: string): void;
  /** Reports live values, such as the loss after an epoch. */
  live(values: Readonly<Record<string, number>>): void;
  /** Writes a line to the instance's log. */
  log(line: string): void;
  /** Records final, finite numbers in the manifest and the lock file. */
  metrics(values: Readonly<Record<string, number>>): void;
  /** Records on what the work was done. */
  environment(facts: { device: string; versions: Readonly<Record<string, string>> }): void;
}

/** Declared inputs by name. */
export type Inputs = Readonly<Record<string, InputSpec>>;
/** Declared outputs by name. */
export type Outputs = Readonly<Record<string, OutputSpec>>;

/** A stage's definition. */
export interface StageDefinition<
  P extends z.ZodObject = z.ZodObject,
  I extends Inputs = Inputs,
  O extends Outputs = Outputs,
> {
  /** What the stage does, in a sentence. */
  readonly description: string;
  readonly params: P;
  readonly inputs: I;
  readonly outputs: O;
  readonly resources?: Resources;
  /** Requirements that `main.ts` registers, e.g. "tensorflow". */
  readonly requires?: readonly string[];
  /** Whether the stage may reach the network and keeps downloads. */
  readonly network?: boolean;
  /**
   * A numeric param, e.g. "epochs", where the result for a smaller value is a beginning of that for
   * a larger one. Going on from it must give the same values as starting anew, as the stage key
   * does not tell the two apart; `context.predecessor` is an offer that `run` may decline.
   */
  readonly extends?: keyof z.output<P> & string;
  /**
   * How far values of floating-point columns may differ between executions and still count as the
   * same, for `verify --rerun`. All else must be equal. @default exactly equal
   */
  readonly tolerance?: Tolerance;
  /** Does the work. */
  run(context: StageContext<z.output<P>, I, O>): void | Promise<void>;
}

/**
 * Declares a stage; a stage's module exports the result by default.
 *
 * @example
 * ```ts
 * export default defineStage({
 *   description: "Doubles every value",
 *   params: z.object({ factor: z.number().default(2).describe("What to multiply by") }),
 *   inputs: { values: valueSchema },
 *   outputs: { doubled: valueSchema },
 *   run({ params, inputs, outputs }) {
 *     const value = inputs.values.column("value").map((x) => x * params.factor);
 *     outputs.doubled.append({ value });
 *   },
 * });
 * ```
 */
export function defineStage<
  P extends z.ZodObject,
  const I extends Inputs,
  const O extends Outputs,
>(definition: StageDefinition<P, I, O>): StageDefinition<P, I, O> {
  return definition;
}
