import { strict as assert } from "node:assert";
import type { Case } from "../../../tools/library_check/case.ts";
import type { Answer } from "../../../tools/library_check/child.ts";
import { type RunCases, search } from "../../../tools/library_check/search.ts";

/** Cases that differ by their number of rows. */
function products(count: number): Case[] {
  return Array.from({ length: count }, (_, rows) => ({
    operation: "product",
    precision: "float32",
    batch: 1,
    rows,
    inner: 1,
    columns: 1,
    transposed: "neither",
  }));
}

function rowsOf(asked: Case): number {
  return asked.operation === "product" ? asked.rows : NaN;
}

/** A library that dies of a case when it has computed `later` more, or as the process ends. */
function library(
  damaging: ReadonlySet<number>,
  later = 0,
  answer: (rows: number) => Answer = () => ({ deviations: { product: 1e-8 } }),
): RunCases {
  return (cases) => {
    const rows = cases.map(rowsOf);
    const first = rows.findIndex((row) => damaging.has(row));
    const end = first < 0 ? cases.length : Math.min(first + later, cases.length);
    const answers = rows.slice(0, end).map(answer);
    const ending = first < 0 ? null : "ended by SIGABRT";
    return Promise.resolve({ answers, ending, allocatorChecks: true });
  };
}

async function found(count: number, run: RunCases): Promise<[number, string][]> {
  const { findings } = await search(products(count), run);
  return findings.map(({ asked, problem }) => [rowsOf(asked), problem]);
}

Deno.test("nothing is found in a library that computes all cases as they should be", async () => {
  assert.deepEqual(await search(products(5), library(new Set())), {
    computed: 5,
    refused: 0,
    findings: [],
    allocatorChecks: true,
  });
});

Deno.test("each case that ends its process is found, and the search goes on behind it", async () => {
  assert.deepEqual(await found(9, library(new Set([0, 3, 4, 8]))), [
    [0, "ended by SIGABRT"],
    [3, "ended by SIGABRT"],
    [4, "ended by SIGABRT"],
    [8, "ended by SIGABRT"],
  ]);
});

Deno.test("a case of which the process dies some cases later is the one that is found", async () => {
  assert.deepEqual(await found(20, library(new Set([5]), 6)), [
    [5, "ended by SIGABRT, 6 cases later"],
  ]);
});

Deno.test("a case of which the process dies as it ends is found", async () => {
  assert.deepEqual(await found(20, library(new Set([17]), 6)), [
    [17, "ended by SIGABRT, 2 cases later"],
  ]);
});

Deno.test("wrong values and values that are no numbers are found, by the name of the result", async () => {
  const run = library(new Set(), 0, (rows) => ({
    deviations: { product: rows === 1 ? 0.25 : rows === 2 ? null : 1e-7 },
  }));
  assert.deepEqual(await found(4, run), [
    [1, "product off by 2.5e-1"],
    [2, "product off by infinity"],
  ]);
});

Deno.test("what the library declines is counted, not found", async () => {
  const run = library(
    new Set(),
    0,
    (rows) => rows === 1 ? { refusal: "no bfloat16" } : { deviations: {} },
  );
  const { computed, refused, findings } = await search(products(3), run);
  assert.deepEqual([computed, refused, findings.length], [2, 1, 0]);
});
