/**
 * `explain`: the whole stage key of an instance, part by part, against its last result's.
 *
 * @module
 */
import { readCodeParts } from "../../code/code_memo.ts";
import { codeDifferences } from "../../code/code_parts.ts";
import { EXIT, PipelineError } from "../../base/errors.ts";
import { type Forecast, Forecaster } from "../../freshness/forecaster.ts";
import { canonicalJson } from "../../base/json.ts";
import type { InputKey, KeyParts } from "../../store/manifest.ts";
import type { PlannedInput, PlannedInstance } from "../../plan/plan.ts";
import { describeMixtures, lastResults } from "../../freshness/mixtures.ts";
import { withProducers } from "../../plan/target.ts";
import { workspaceOptions } from "../options.ts";
import type { VerbContext } from "../verb.ts";
import { openWorkspace, type Workspace } from "../../freshness/workspace.ts";

/** Digits of a digest that are shown. */
const SHOWN_DIGITS = 12;

/** Prints the keys of the targets' instances. */
export async function explain(context: VerbContext): Promise<number> {
  if (context.words.length === 0) {
    throw new PipelineError("Cannot explain as no target is named, e.g. `explain STAGE@seed=0`");
  }
  const workspace = await openWorkspace(workspaceOptions(context));
  const { plan, store, state, selected } = workspace;
  const instances = withProducers(plan, selected);
  const forecasts = await new Forecaster(plan, store, state, () => false).forecast(instances);
  const texts = selected.map((instance) =>
    explainInstance(workspace, instance, forecasts.get(instance.name)!).join("\n")
  );
  console.log(texts.join("\n\n"));
  const stages = new Set(selected.map(({ stage }) => stage));
  const others = plan.instances.filter(({ stage }) => stages.has(stage));
  for (const line of describeMixtures(lastResults(others, state, store))) console.error(line);
  return EXIT.done;
}

function explainInstance(
  workspace: Workspace,
  instance: PlannedInstance,
  forecast: Forecast,
): string[] {
  const { store, state } = workspace;
  const lastKey = state.keyOf(instance.name);
  const before = lastKey === undefined ? null : store.read(lastKey);
  const now = "key" in forecast ? forecast.key : null;
  return [
    `${instance.name}  ${outcomeOf(forecast)}: ${forecast.reason}`,
    row(1, "key", lastKey, now?.key ?? null),
    ...codeRows(workspace, instance, before?.parts.code),
    ...recordRows("params", before?.parts.params, instance.params),
    ...locationRows(instance, before?.parts.locations, now?.parts.locations),
    ...inputRows(instance.inputs, before?.parts.inputs, now?.parts.inputs),
    row(1, "seed", before?.parts.seed, instance.seed),
  ];
}

function outcomeOf(forecast: Forecast): string {
  return forecast.kind === "stale" ? "would run" : forecast.kind;
}

function codeRows(
  { plan, store }: Workspace,
  { stage }: PlannedInstance,
  before: string | undefined,
): string[] {
  const { codeKey, module } = plan.stages[stage];
  const first = row(1, "code", before, codeKey, module);
  if (before === undefined || before === codeKey) return [first];
  const [old, now] = [readCodeParts(store, before), readCodeParts(store, codeKey)];
  const changes = old && now ? codeDifferences(old, now) : [];
  return [first, ...changes.map((change) => `    ${change}`)];
}

function recordRows(
  title: string,
  before: Readonly<Record<string, unknown>> | undefined,
  now: Readonly<Record<string, unknown>>,
): string[] {
  const names = [...new Set([...Object.keys(now), ...Object.keys(before ?? {})])].sort();
  const rows = names.map((name) => row(2, name, before && before[name], now[name]));
  return rows.length === 0 ? [] : [`  ${title}`, ...rows];
}

function locationRows(
  { locations }: PlannedInstance,
  before: KeyParts["locations"] | undefined,
  now: KeyParts["locations"] | undefined,
): string[] {
  const rows = Object.entries(locations).map(([name, path]) =>
    row(2, name, before && before[name], now ? now[name] : null, path ?? "")
  );
  return rows.length === 0 ? [] : ["  content of locations", ...rows];
}

function inputRows(
  inputs: readonly PlannedInput[],
  before: KeyParts["inputs"] | undefined,
  now: KeyParts["inputs"] | undefined,
): string[] {
  const rows = inputs.flatMap(({ name, producers }) => {
    const from = producers.map(({ instance, output }) => `${instance}.${output}`);
    const title = `    ${name}  from ${from.length === 0 ? "nothing" : from.join(", ")}`;
    if (!now) return [title, "      known when those are up to date"];
    return [title, ...digestRows(before && before[name], now[name], from)];
  });
  return rows.length === 0 ? [] : ["  inputs", ...rows];
}

/** Columns of one table, or of each gathered table. */
function digestRows(
  before: InputKey | undefined,
  now: InputKey,
  from: readonly string[],
): string[] {
  if (now === null) return [];
  if (!isGathered(now)) {
    const old = before && !isGathered(before) ? before : undefined;
    return Object.entries(now).map(([column, digest]) => row(3, column, old?.[column], digest));
  }
  const old = before && isGathered(before) ? before : [];
  return now.flatMap((member, i) => {
    const previous = old.find(({ axes }) => canonicalJson(axes) === canonicalJson(member.axes));
    const { provenance, columns } = member;
    return [
      `      ${from[i]}`,
      ...Object.entries(columns).map(([name, digest]) =>
        row(4, name, previous?.columns[name], digest)
      ),
      ...provenance ? [row(4, "provenance", previous?.provenance, provenance)] : [],
    ];
  });
}

function isGathered(input: NonNullable<InputKey>): input is Extract<InputKey, readonly unknown[]> {
  return Array.isArray(input);
}

/** One part: its value, and if it changed, its value before. `null` is what is not known yet. */
function row(depth: number, name: string, before: unknown, now: unknown, note = ""): string {
  const [old, value] = [before, now].map((each) => shorten(each));
  const isSame = before === undefined || canonicalJson(before) === canonicalJson(now);
  const change = isSame ? value : now === null ? `${old} -> ?` : `${old} -> ${value}`;
  return `${"  ".repeat(depth)}${name.padEnd(12 - 2 * depth)}  ${change}  ${note}`.trimEnd();
}

function shorten(value: unknown): string {
  if (value === undefined) return "(none)";
  if (value === null) return "?";
  const text = canonicalJson(value);
  if (/^"[0-9a-f]{64}"$/.test(text)) return text.slice(1, 1 + SHOWN_DIGITS);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
