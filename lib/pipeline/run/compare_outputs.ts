/**
 * Compares what two executions of one instance made: exactly, or within the tolerance that the
 * stage states for its floating-point columns.
 *
 * @module
 */
import type { Vector } from "apache-arrow";
import type { FileLayout } from "../../arrow/layout.ts";
import type { Manifest, OutputRecord, TableRecord } from "../store/manifest.ts";
import type { Tolerance } from "../stage/stage.ts";
import type { Store } from "../store/store.ts";

/** A result in a store. */
export interface StoredResult {
  readonly manifest: Manifest;
  readonly store: Store;
}

/** What differs, one line per output or column; empty if the results agree. */
export async function compareResults(
  a: StoredResult,
  b: StoredResult,
  tolerance: Tolerance | null,
): Promise<string[]> {
  const names = new Set([...Object.keys(a.manifest.outputs), ...Object.keys(b.manifest.outputs)]);
  const found: string[] = [];
  for (const name of [...names].sort()) {
    const [one, other] = [a.manifest.outputs[name], b.manifest.outputs[name]];
    if (one?.kind === "table" && other?.kind === "table") {
      const paths = [a.store.blobPath(one.file), b.store.blobPath(other.file)] as const;
      found.push(...await compareTables(name, one, other, paths, tolerance));
    } else found.push(...compareFiles(name, one, other));
  }
  return found;
}

function compareFiles(
  name: string,
  a: OutputRecord | undefined,
  b: OutputRecord | undefined,
): string[] {
  if (a?.kind !== "files" || b?.kind !== "files") return [`${name}: made by one of them only`];
  const paths = new Set([...Object.keys(a.files), ...Object.keys(b.files)]);
  return [...paths].filter((path) => a.files[path]?.file !== b.files[path]?.file)
    .map((path) => `${name}: ${path} differs`);
}

async function compareTables(
  name: string,
  a: TableRecord,
  b: TableRecord,
  paths: readonly [string, string],
  tolerance: Tolerance | null,
): Promise<string[]> {
  if (a.rows !== b.rows) return [`${name}: ${a.rows} rows and ${b.rows} rows`];
  const columns = new Set([...Object.keys(a.columns), ...Object.keys(b.columns)]);
  const differing = [...columns].filter((column) =>
    a.columns[column] !== b.columns[column] && !tolerance?.except?.includes(`${name}.${column}`)
  );
  if (differing.length === 0) return [];
  if (!tolerance) return differing.map((column) => `${name}: column \`${column}\` differs`);
  const { FileLayout } = await import("../../arrow/layout.ts");
  const [one, other] = paths.map((path) => FileLayout.read(path));
  try {
    return differing.flatMap((column) => compareColumn(name, column, one, other, tolerance));
  } finally {
    one.close();
    other.close();
  }
}

function compareColumn(
  name: string,
  column: string,
  a: FileLayout,
  b: FileLayout,
  { absolute = 0, relative = 0 }: Tolerance,
): string[] {
  const what = `${name}: column \`${column}\``;
  const [one, other] = [numbersOf(a, column), numbersOf(b, column)];
  let largest = 0;
  for (;;) {
    const [x, y] = [one.next(), other.next()];
    if (x.done || y.done) {
      if (x.done && y.done) break;
      return [`${what} has another number of values`];
    }
    if (x.value === null || y.value === null) return [`${what} differs and holds no floats`];
    if (Object.is(x.value, y.value)) continue;
    const difference = Math.abs(x.value - y.value);
    const limit = absolute + relative * Math.max(Math.abs(x.value), Math.abs(y.value));
    // Also true if one of them is NaN.
    if (!(difference <= limit)) largest = Math.max(largest, difference || Infinity);
  }
  return largest === 0 ? [] : [`${what} differs by up to ${largest.toPrecision(3)}`];
}

/** The numbers of a column of floats, or of lists or tensors of floats; `null` for other types. */
function* numbersOf(layout: FileLayout, column: string): Generator<number | null, undefined> {
  for (let i = 0; i < layout.batchCount; i++) {
    for (const values of layout.batch(i, (batch) => floatsOf(batch.getChild(column)!))) {
      if (values === null) yield null;
      else yield* values;
    }
  }
}

function floatsOf(vector: Vector): (Float32Array | Float64Array | null)[] {
  return vector.data.map((data) => {
    const holder = data.children[0] ?? data;
    const { values, offset } = holder;
    const isFloat = values instanceof Float32Array || values instanceof Float64Array;
    return isFloat ? values.subarray(offset, offset + holder.length) : null;
  });
}
