/**
 * `diff`: params and metrics of two runs, or of two revisions of the lock file, side by side.
 *
 * @module
 */
import { EXIT, PipelineError } from "../../base/errors.ts";
import { canonicalJson } from "../../base/json.ts";
import { type Difference, differences } from "../../records/differences.ts";
import { currentSnapshot, findSnapshot, type Snapshot } from "../../records/snapshots.ts";
import { Store } from "../../store/store.ts";
import type { VerbContext } from "../verb.ts";

/** Prints what differs: the last commit's lock file against the present one, unless words say. */
export async function diff(context: VerbContext): Promise<number> {
  const { words, project, flags } = context;
  if (words.length > 2) {
    throw new PipelineError(`Cannot compare as at most two sides are taken: ${words.join(" ")}`);
  }
  const store = new Store(project.artifacts);
  const a = await findSnapshot(words[0] ?? "HEAD", project, store);
  const b = words[1] === undefined
    ? await currentSnapshot(project)
    : await findSnapshot(words[1], project, store);
  const found = differences(a, b);
  if (flags.json) {
    for (const each of found) console.log(JSON.stringify({ event: "difference", ...each }));
  } else console.log(table(a, b, found));
  return EXIT.done;
}

function table(a: Snapshot, b: Snapshot, found: readonly Difference[]): string {
  if (found.length === 0) {
    return `no params and no metrics differ between ${a.label} and ${b.label}`;
  }
  const rows = [
    ["", a.label, b.label, "change"],
    ...found.map(({ instance, what, name, a, b }) => [
      what === "instance" ? instance : `${instance} ${what}.${name}`,
      show(a),
      show(b),
      change(a, b),
    ]),
  ];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd())
    .join("\n");
}

function show(value: unknown): string {
  if (value === undefined) return "-";
  return typeof value === "string" ? value : canonicalJson(value);
}

/** The difference of two numbers, to as many digits as say something. */
function change(a: unknown, b: unknown): string {
  if (typeof a !== "number" || typeof b !== "number") return "";
  const difference = Number((b - a).toPrecision(6));
  return difference > 0 ? `+${difference}` : String(difference);
}
