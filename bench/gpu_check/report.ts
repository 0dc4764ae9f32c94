/**
 * The report of `deno task gpu-check`: a JSON file for programs, and a Markdown table for an issue.
 *
 * @module
 */
import { formatSeconds } from "../../lib/base/format.ts";
import type { Finding, Scale } from "./check.ts";
import type { MachineDescription } from "./machine.ts";

/** What became of one check. */
export interface CheckReport {
  readonly name: string;
  /** `failed`: it crashed, threw or took too long; `not run`: no time was left. */
  readonly status: "ok" | "problem" | "failed" | "not run";
  readonly seconds: number;
  readonly findings: readonly Finding[];
  /** Why it failed or was not run. */
  readonly reason?: string;
}

/** The whole report, as it is written to the file. */
export interface Report {
  /** Of this format. */
  readonly version: 1;
  readonly date: string;
  /** The revision of this repository, or null. */
  readonly commit: string | null;
  readonly scale: Scale;
  readonly seconds: number;
  readonly machine: MachineDescription;
  readonly checks: readonly CheckReport[];
}

/** Characters of a cell of the table. */
const LONGEST_CELL = 300;

/** Whether every check was done and found what was expected. */
export function isFine({ checks }: Report): boolean {
  return checks.every(({ status }) => status === "ok");
}

/** The report as text to paste into an issue. */
export function markdown(report: Report): string {
  const rows = report.checks.flatMap(rowsOf);
  return [
    `### gpu-check: ${verdict(report)}`,
    "",
    `${describe(report)}.`,
    "",
    "| check | what | value | expected | outcome |",
    "| --- | --- | --- | --- | --- |",
    ...rows.map((cells) => `| ${cells.map(escape).join(" | ")} |`),
    "",
  ].join("\n");
}

function verdict({ checks }: Report): string {
  const bad = checks.filter(({ status }) => status !== "ok");
  if (bad.length === 0) return `all ${checks.length} checks passed`;
  const names = bad.map(({ name, status }) => `${name} (${status})`).join(", ");
  return `${checks.length - bad.length} of ${checks.length} checks passed, not ${names}`;
}

function describe({ machine, scale, commit, date, seconds }: Report): string {
  const { gpu, processor, cores, memoryGiB, os, versions } = machine;
  return [
    gpu ?? "no usable NVIDIA GPU, so CPU only, at reduced sizes",
    `${processor}, ${cores} cores, ${memoryGiB} GiB, ${os}`,
    Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", "),
    commit === null ? "no commit" : `commit ${commit}`,
    `${scale} sizes, ${formatSeconds(seconds)}, ${date}`,
  ].join("; ");
}

function rowsOf({ name, status, findings, reason }: CheckReport): string[][] {
  const rows = findings.map(({ what, value, unit, expected, status }) => [
    what,
    unit === undefined ? format(value) : `${format(value)} ${unit}`,
    expected ?? "",
    status === "problem" ? "**problem**" : status === "note" ? "" : "ok",
  ]);
  if (reason !== undefined) rows.push([reason, "", "", `**${status}**`]);
  return rows.map((cells, i) => [i === 0 ? name : "", ...cells]);
}

function format(value: number | string): string {
  if (typeof value === "string") return value;
  if (value === 0 || Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const size = Math.abs(value);
  return size < 1e-3 || size >= 1e6 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

/** In a table a line break would end the row, and a bar the cell; the file has all of a long text. */
function escape(cell: string): string {
  const line = cell.replaceAll(/\s*\n\s*/g, " ");
  const short = line.length > LONGEST_CELL ? `${line.slice(0, LONGEST_CELL)}...` : line;
  return short.replaceAll("|", "\\|");
}
