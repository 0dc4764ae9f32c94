/**
 * Which tables a claim or a figure rests on. They are not listed by hand: what is computed tells by
 * what it reads.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { ReportTable } from "./assemble.ts";
import type { Measured, ReportInput, Run } from "./input.ts";

/** A table that was read. */
export interface TableRead {
  /** The report's input that it is a member of. */
  readonly input: ReportTable;
  readonly axes: Readonly<Record<string, string>>;
  /** Of the execution that made it; `null` where the input does not say. */
  readonly stageKey: string | null;
  readonly rows: readonly unknown[];
}

/** A result, and the tables that computing it read. */
export interface Recorded<T> {
  readonly value: T;
  /** Each table once, in the order of the input. */
  readonly reads: readonly TableRead[];
}

const RUN_TABLES = ["history", "probe", "predictions", "invariance"] as const;
const MEASURED = [
  "pixels",
  "linear",
  "decomposition",
  "transfer",
  "toy",
  "neighbours",
  "embedding",
] as const;

/** Computes something from a report's input and notes every table that it reads. */
export function recordReads<T>(
  input: ReportInput,
  compute: (input: ReportInput) => T,
): Recorded<T> {
  const tables: { read: boolean; describe(): TableRead }[] = [];
  const note = (describe: () => TableRead) => {
    const table = { read: false, describe };
    tables.push(table);
    return () => void (table.read = true);
  };
  const value = compute(watchInput(input, note));
  return { value, reads: tables.filter(({ read }) => read).map(({ describe }) => describe()) };
}

/**
 * A digest of tables' values: equal where they hold the same numbers, whichever code made them and
 * in whatever order they come.
 *
 * @returns 16 hexadecimal digits.
 */
export function digestReads(reads: readonly TableRead[]): string {
  const hash = createHash("sha256");
  const lines = reads.map(({ input, axes, rows }) => {
    const values = Object.entries(axes).map(([axis, value]) => `${axis}=${value}`).sort();
    return `${input}@${values.join()} ${digestRows(rows)}\n`;
  });
  for (const line of lines.sort()) hash.update(line);
  return hash.digest("hex").slice(0, 16);
}

/** A table stays as it is once read, so that its digest is computed once. */
const digests = new WeakMap<readonly unknown[], string>();

function digestRows(rows: readonly unknown[]): string {
  const known = digests.get(rows);
  if (known !== undefined) return known;
  const digest = createHash("sha256").update(JSON.stringify(rows)).digest("hex");
  digests.set(rows, digest);
  return digest;
}

type Note = (describe: () => TableRead) => () => void;

function watchInput(input: ReportInput, note: Note): ReportInput {
  const watched = {
    ...fieldsBut(input, ["datasheet", "samples"]),
    runs: input.runs.map((run) => watchRun(run, note)),
  };
  for (const name of MEASURED) {
    const members = input[name] as readonly Measured<unknown>[] | undefined;
    if (members === undefined) continue;
    const measured = members.map((member) => watchMeasured(member, name, note));
    Object.assign(watched, { [name]: measured });
  }
  if (input.otherDatasheets !== undefined) {
    const others = input.otherDatasheets.map((member) => {
      const own = fieldsBut(member, ["rows"]);
      const axes = { instance: member.instance };
      return watch(own, member, "rows", "other_datasheets", { axes, stageKey: null }, note);
    });
    Object.assign(watched, { otherDatasheets: others });
  }
  for (const name of ["datasheet", "samples"] as const) {
    watch(watched, input, name, name, { axes: {}, stageKey: null }, note);
  }
  return watched;
}

function watchRun(run: Run, note: Note): Run {
  const own = fieldsBut(run, RUN_TABLES);
  const { axes, stageKeys } = run;
  const keys = {
    history: stageKeys.train,
    probe: stageKeys.probe,
    predictions: stageKeys.probe,
    invariance: stageKeys.invariance ?? null,
  };
  for (const name of RUN_TABLES) {
    watch(own, run, name, name, { axes, stageKey: keys[name] }, note);
  }
  return own;
}

function watchMeasured(member: Measured<unknown>, input: ReportTable, note: Note) {
  const own = fieldsBut(member, ["rows"]);
  return watch(own, member, "rows", input, member, note);
}

/** Gives an object a field of another one, and notes when it is read. */
function watch<T extends object, N extends keyof T & string>(
  object: T,
  source: T,
  field: N,
  input: ReportTable,
  { axes, stageKey }: Pick<TableRead, "axes" | "stageKey">,
  note: Note,
): T {
  const rowsOf = () => source[field] as readonly unknown[];
  const read = note(() => ({ input, axes, stageKey, rows: rowsOf() }));
  return Object.defineProperty(object, field, {
    enumerable: true,
    get() {
      read();
      return source[field];
    },
  });
}

/** A copy whose given fields are not read: they are to be watched. */
function fieldsBut<T extends object>(object: T, fields: readonly string[]): T {
  const names = Object.keys(object).filter((name) => !fields.includes(name));
  const entries = names.map((name) => [name, object[name as keyof T]]);
  return Object.fromEntries(entries) as unknown as T;
}
