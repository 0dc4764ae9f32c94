/**
 * The help text.
 *
 * @module
 */
import { type Flag, FLAGS, type Verb } from "./verb.ts";

const COMMAND = "deno task pipeline";

/** The help of one verb, or of the whole command line. */
export function helpText(verbs: Readonly<Record<string, Verb>>, name: string | null): string {
  return name === null ? overview(verbs) : verbHelp(name, verbs[name]);
}

function overview(verbs: Readonly<Record<string, Verb>>): string {
  const shown = Object.entries(verbs).filter(([, { isInternal }]) => !isInternal);
  const width = Math.max(...shown.map(([name]) => name.length));
  const lines = shown.map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    `Usage: ${COMMAND} [VERB] [TARGET...] [flags]`,
    "",
    "No verb means run. A target is a stage (probe), an instance (train@labels=random,seed=0)",
    "or some of a stage's instances (train@labels=random).",
    "",
    "Verbs:",
    ...lines,
    "",
    "Flags of run:",
    ...flagLines(verbs.run.flags),
    "",
    `"${COMMAND} VERB --help" shows a verb's flags and examples.`,
  ].join("\n");
}

function verbHelp(name: string, verb: Verb): string {
  return [
    `Usage: ${COMMAND} ${name} ${verb.words} [flags]`.replace(/ {2,}/g, " "),
    "",
    verb.summary,
    "",
    "Flags:",
    ...flagLines(verb.flags),
    "",
    "Examples:",
    ...verb.examples.map((example) => `  ${COMMAND} ${example}`.trimEnd()),
  ].join("\n");
}

function flagLines(names: readonly string[]): string[] {
  const rows = names.map((name) => {
    const { short, value, help } = FLAGS[name as keyof typeof FLAGS] as Flag;
    return [`${short ? `-${short}, ` : "    "}--${name}${value ? ` ${value}` : ""}`, help];
  });
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return rows.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`);
}
