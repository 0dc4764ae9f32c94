/**
 * The help text.
 *
 * @module
 */
import type { FlagSet, Verb } from "./verb.ts";

/** What the help text is about. */
export interface HelpSubject {
  /** How the program is started, e.g. `deno run -A main.ts`. */
  readonly command: string;
  readonly verbs: Readonly<Record<string, Verb>>;
  /** Examples of the program's own stages, by verb, in place of the verbs' general ones. */
  readonly examples: Readonly<Record<string, readonly string[]>>;
}

/** The help of one verb, or of the whole command line. */
export function helpText(subject: HelpSubject, name: string | null): string {
  return name === null ? overview(subject) : verbHelp(subject, name);
}

function overview({ command, verbs }: HelpSubject): string {
  const shown = Object.entries(verbs).filter(([, { isInternal }]) => !isInternal);
  const width = Math.max(...shown.map(([name]) => name.length));
  const lines = shown.map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    `Usage: ${command} [VERB] [TARGET...] [flags]`,
    "",
    "No verb means run. A target is a stage (STAGE), one of its instances (STAGE@axis=value,...),",
    "or those that have an axis value (STAGE@axis=value).",
    "",
    "Verbs:",
    ...lines,
    "",
    "Flags of run:",
    ...flagLines(verbs.run.flags),
    "",
    `"${command} VERB --help" shows a verb's flags and examples.`,
  ].join("\n");
}

function verbHelp({ command, verbs, examples }: HelpSubject, name: string): string {
  const verb = verbs[name];
  return [
    `Usage: ${command} ${name} ${verb.words} [flags]`.replace(/ {2,}/g, " "),
    "",
    verb.summary,
    "",
    "Flags:",
    ...flagLines(verb.flags),
    "",
    "Examples:",
    ...(examples[name] ?? verb.examples).map((example) => `  ${command} ${example}`.trimEnd()),
  ].join("\n");
}

function flagLines(flags: FlagSet): string[] {
  const rows = Object.entries(flags).map(([name, { short, value, help }]) =>
    [`${short ? `-${short}, ` : "    "}--${name}${value ? ` ${value}` : ""}`, help] as const
  );
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return rows.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`);
}
