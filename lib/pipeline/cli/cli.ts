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
import { type Flag, FLAGS, type Flags, type Verb } from "./verb.ts";
import { VERBS } from "./verbs/mod.ts";

/** What a program adds to the engine. */
export interface Extensions {
  /** Requirements that stages may name. */
  readonly requirements?: Readonly<Record<string, RequirementLoader>>;
  /** Verbs beyond the engine's own. */
  readonly verbs?: Readonly<Record<string, Verb>>;
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
  const { flags, words } = parse(args);
  const isVerb = words[0] !== undefined && Object.hasOwn(verbs, words[0]);
  const name = isVerb ? words[0] : "run";
  const verb = verbs[name];
  if (flags.help) {
    const { helpText } = await import("./help.ts");
    console.log(helpText(verbs, isVerb ? name : null));
    return EXIT.done;
  }
  checkFlags(name, verb, flags);
  const run = await verb.load();
  return await run({
    project: openProject(projectOptions(flags)),
    words: isVerb ? words.slice(1) : words,
    flags,
    requirements: extensions.requirements ?? {},
    verbNames: Object.keys(verbs),
  });
}

function parse(args: readonly string[]): { flags: Flags; words: string[] } {
  const options = Object.fromEntries(
    Object.entries<Flag>(FLAGS).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...short ? { short } : {}, ...multiple ? { multiple } : {} },
    ]),
  ) as ParseArgsConfig["options"];
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    });
    return { flags: values as Flags, words: positionals };
  } catch (cause) {
    throw new PipelineError(usageMessage(args, messageOf(cause)), { cause });
  }
}

function usageMessage(args: readonly string[], message: string): string {
  const unknown = /Unknown option '(-{1,2}[^']+)'/.exec(message)?.[1];
  if (!unknown) return `${message.split(". ")[0]}; --help lists the flags`;
  const known = Object.keys(FLAGS).map((name) => `--${name}`);
  const shown = args.find((arg) => arg.startsWith(unknown)) ?? unknown;
  const hint = unknown.startsWith("--") ? suggestion(unknown, known) : "--help lists the flags";
  return `There is no flag ${shown.split("=")[0]}: ${hint}`;
}

function checkFlags(name: string, verb: Verb, flags: Flags): void {
  for (const flag of Object.keys(flags)) {
    if (!verb.flags.includes(flag as keyof Flags)) {
      const allowed = verb.flags.map((each) => `--${each}`).join(", ");
      throw new PipelineError(`"${name}" takes no --${flag}: it takes ${allowed}`);
    }
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
    throw new PipelineError(`Cannot set "${text}" as -S takes key=value, e.g. -S views=64`);
  }
  return { key: text.slice(0, at), value: text.slice(at + 1) };
}
