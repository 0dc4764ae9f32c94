/**
 * The command line: `[VERB] [TARGET...] [flags]`. Parses arguments, finds the verb and turns errors
 * into messages and exit statuses. Arguments are parsed by `node:util`, which is part of Deno: a
 * run in which nothing changed should not load a package.
 *
 * @module
 */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { messageOf } from "../../base/message_of.ts";
import type { Override } from "../config/override.ts";
import { EXIT, PipelineError } from "../base/errors.ts";
import { openProject, type ProjectOptions } from "../config/project.ts";
import type { RequirementLoader } from "../execute/requirement.ts";
import { suggestion } from "../base/suggest.ts";
import type { Flag, Flags, Verb } from "./verb.ts";
import { VERBS } from "./verbs/mod.ts";

/** What a program adds to the engine. */
export interface Extensions {
  /** Requirements that stages may name. */
  readonly requirements?: Readonly<Record<string, RequirementLoader>>;
  /** Verbs beyond the engine's own, each with flags of its own. */
  readonly verbs?: Readonly<Record<string, Verb>>;
  /** How the program is started, for help texts. @default {"deno run -A main.ts"} */
  readonly command?: string;
  /** Examples for help texts, by verb: command lines without the command's name. */
  readonly examples?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Runs a command line to its end.
 *
 * @returns The exit status: 0 done, 1 a stage failed, 2 usage or configuration, 3 stale under
 * `--frozen`, 130 interrupted.
 */
export async function runCommandLine(
  args: readonly string[],
  extensions: Extensions = {},
): Promise<number> {
  try {
    return await dispatch(args, extensions);
  } catch (error) {
    if (error instanceof PipelineError) {
      console.error(error.message);
      return error.status;
    }
    throw error;
  }
}

async function dispatch(args: readonly string[], extensions: Extensions): Promise<number> {
  const verbs = { ...VERBS, ...extensions.verbs };
  const known = flagsOf(verbs);
  const { values, words } = parse(args, known);
  const isVerb = words[0] !== undefined && Object.hasOwn(verbs, words[0]);
  const name = isVerb ? words[0] : "run";
  const verb = verbs[name];
  if (values.help) {
    const { helpText } = await import("./help.ts");
    const { command = "deno run -A main.ts", examples = {} } = extensions;
    console.log(helpText({ command, verbs, examples }, isVerb ? name : null));
    return EXIT.done;
  }
  checkFlags(name, verb, values);
  const context = {
    project: openProject(projectOptions(values)),
    words: isVerb ? words.slice(1) : words,
    requirements: extensions.requirements ?? {},
    verbNames: Object.keys(verbs),
  };
  return await verb.run(context, values);
}

/** The flags of all verbs: a flag may stand before the verb that takes it. */
function flagsOf(verbs: Readonly<Record<string, Verb>>): Map<string, Flag> {
  const flags = new Map<string, Flag>();
  for (const [verb, { flags: own }] of Object.entries(verbs)) {
    for (const [name, flag] of Object.entries(own)) {
      const other = flags.get(name);
      if (other && (other.type !== flag.type || other.multiple !== flag.multiple)) {
        throw new Error(
          `Cannot take --${name} of verb "${verb}" as another verb declares it as a ${other.type}`,
        );
      }
      flags.set(name, other ?? flag);
    }
  }
  return flags;
}

function parse(args: readonly string[], flags: ReadonlyMap<string, Flag>) {
  const options: ParseArgsConfig["options"] = Object.fromEntries(
    [...flags].map(([name, { type, short, multiple }]) => [
      name,
      { type, ...short ? { short } : {}, ...multiple ? { multiple } : {} },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    });
    return { values: values as Flags, words: positionals };
  } catch (cause) {
    throw new PipelineError(usageMessage(args, [...flags.keys()], messageOf(cause)), { cause });
  }
}

function usageMessage(args: readonly string[], flags: readonly string[], message: string): string {
  const unknown = /Unknown option '(-{1,2}[^']+)'/.exec(message)?.[1];
  if (!unknown) return `${message.split(". ")[0]}; --help lists the flags`;
  const known = flags.map((name) => `--${name}`);
  const shown = args.find((arg) => arg.startsWith(unknown)) ?? unknown;
  const hint = unknown.startsWith("--") ? suggestion(unknown, known) : "--help lists the flags";
  return `There is no flag ${shown.split("=")[0]}: ${hint}`;
}

function checkFlags(name: string, verb: Verb, values: Flags): void {
  for (const flag of Object.keys(values)) {
    if (Object.hasOwn(verb.flags, flag)) continue;
    const allowed = Object.keys(verb.flags).map((each) => `--${each}`).join(", ");
    throw new PipelineError(`"${name}" takes no --${flag}: it takes ${allowed}`);
  }
}

function projectOptions(flags: Flags): ProjectOptions {
  return {
    file: flags.file,
    profile: flags.profile,
    overrides: (flags.set ?? []).map(parseOverride),
    artifacts: flags.artifacts,
    reports: flags.reports,
  };
}

function parseOverride(text: string): Override {
  const at = text.indexOf("=");
  if (at <= 0) {
    throw new PipelineError(`Cannot set "${text}" as -S takes key=value, e.g. -S STAGE.PARAM=3`);
  }
  return { key: text.slice(0, at), value: text.slice(at + 1) };
}
