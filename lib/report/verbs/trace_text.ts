/**
 * A trace for readers.
 *
 * @module
 */
import { formatSeconds } from "../../base/format.ts";
import type { DataTable, DataValue } from "../render/data_table.ts";
import { settingText } from "../render/format.ts";
import type { Trace, TracedInstance } from "./trace_of.ts";

/** How many rows of the data are shown. */
const SHOWN_ROWS = 5;

/** Command, data, tables and executions. */
export function traceText(trace: Trace): string {
  const { kind, id, title, result, command, revision, file, data, tables, instances } = trace;
  return [
    `${kind} ${id}: ${title}`,
    `result      ${result}`,
    `make again  ${command}`,
    `revision    ${revision ?? "not known: the data is not committed to git"}`,
    "",
    `data        ${file ?? "the measured values"}: ${data.rows.length} rows`,
    ...dataLines(data),
    "",
    `tables      ${tables.length}, in the report's folder`,
    ...tables.map(({ path, rows }) => `  ${path}  (${rows} rows)`),
    "",
    `executions  ${instances.length}, ${formatSeconds(sum(instances))} in all`,
    ...instances.flatMap(instanceLines),
  ].join("\n");
}

function dataLines({ columns, rows }: DataTable): string[] {
  const lines = [columns, ...rows.slice(0, SHOWN_ROWS)].map((row) => row.map(cell));
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines.map((line) =>
    `  ${line.map((text, i) => text.padEnd(widths[i])).join("  ")}`.trimEnd()
  );
}

function cell(value: DataValue): string {
  if (value === null) return "-";
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : value;
}

function instanceLines(each: TracedInstance): string[] {
  const { instance, stageKey, codeKey, seed, params, outputs, device, versions, seconds } = each;
  return [
    `  ${instance}`,
    `    stage key  ${stageKey}`,
    `    code key   ${codeKey}`,
    `    params     ${settingText({ seed, ...params })}`,
    ...Object.entries(outputs).map(([name, digest]) =>
      `    ${name.padEnd(9)}  ${typeof digest === "string" ? digest : settingText(digest)}`
    ),
    `    on         ${device}; ${settingText(versions)}; ${formatSeconds(seconds)}`,
  ];
}

function sum(instances: readonly TracedInstance[]): number {
  return instances.reduce((total, { seconds }) => total + seconds, 0);
}
