/**
 * Loads a project's plan: from the store's memory if neither the configuration nor any code
 * changed, else by compiling it.
 *
 * @module
 */
import { resolve } from "node:path";
import type { Problems } from "../config/located.ts";
import { CodeMemo } from "../code/code_memo.ts";
import { ConfigurationError } from "../base/errors.ts";
import { readJsonIfWhole, writeJson } from "../base/files.ts";
import { interfaceFault, type StageInterface } from "../stage/interface.ts";
import { canonicalJson, sha256 } from "../base/json.ts";
import { placeLocations } from "./locations.ts";
import type { Plan } from "./plan.ts";
import type { Project } from "../config/project.ts";
import { Scratch } from "../base/scratch.ts";
import type { Store } from "../store/store.ts";

/** Part of every memory's name, so that another engine version reads none of an older one. */
const FORMAT = 5;

/** A plan, and what running it needs of the code. */
export interface LoadedPlan {
  readonly plan: Plan;
  readonly code: CodeMemo;
  /** Seconds spent on fetching npm packages. */
  readonly installSeconds: number;
}

interface RememberedPlan {
  /** Code keys by module. */
  readonly codeKeys: Readonly<Record<string, string>>;
  readonly plan: Plan;
}

/**
 * Loads the plan.
 *
 * @param reservedNames Names that no stage may have.
 * @throws {ConfigurationError} with everything that is wrong.
 */
export async function loadPlan(
  project: Project,
  store: Store,
  reservedNames: readonly string[],
): Promise<LoadedPlan> {
  const code = new CodeMemo(project.folder, store.path("stages"));
  const { pipeline, profile, overrides } = project.sources;
  const texts = [FORMAT, pipeline.text, profile?.text ?? null, overrides, reservedNames];
  const memory = store.path("plans", `${await sha256(canonicalJson(texts))}.json`);
  const remembered = readJsonIfWhole<RememberedPlan>(memory);
  if (remembered && await isCurrent(remembered, code)) {
    code.save();
    return { plan: placeLocations(remembered.plan, project.folder), code, installSeconds: 0 };
  }
  const compiled = await compileProject(project, store, code, reservedNames);
  code.save();
  const { codeKeys, plan, installSeconds } = compiled;
  writeJson(memory, { codeKeys, plan });
  return { plan: placeLocations(plan, project.folder), code, installSeconds };
}

async function isCurrent({ codeKeys }: RememberedPlan, code: CodeMemo): Promise<boolean> {
  const modules = Object.keys(codeKeys);
  if (!modules.every((module) => code.has(module))) return false;
  const keys = await code.keysOf(modules);
  return modules.every((module) => codeKeys[module] === keys.get(module));
}

async function compileProject(
  project: Project,
  store: Store,
  code: CodeMemo,
  reservedNames: readonly string[],
) {
  const [{ readConfig }, { Problems }, { compile }, { Inspector }] = await Promise.all([
    import("../config/config.ts"),
    import("../config/located.ts"),
    import("./compile.ts"),
    import("./inspector.ts"),
  ]);
  const problems = new Problems();
  const config = readConfig(project.sources, problems);
  const missing = config.stages.filter(({ module }) => !code.has(module));
  for (const { module, place, name } of missing) {
    problems.add(
      place,
      `the module of stage "${name}" is not there: ${resolve(project.folder, module)}`,
      'write it, or name another by "module:"',
    );
  }
  const present = config.stages.map(({ module }) => module).filter((module) => code.has(module));
  const codeKeys = await readCodeKeys([...new Set(present)], code, problems);
  using scratch = new Scratch(store.path("tmp"));
  const inspector = new Inspector(code, scratch.folder, codeKeys);
  try {
    const interfaces = await readInterfaces(store, codeKeys, inspector, (module, error) => {
      const stage = config.stages.find((each) => each.module === module)!;
      problems.add(stage.place, `the module ${module} cannot be loaded: ${error}`);
    });
    const plan = await compile(config, {
      reservedNames,
      interfaces,
      codeKeys,
      validate: (requests) => inspector.validate(requests),
    }, problems);
    if (problems.issues.length > 0) throw new ConfigurationError(problems.issues);
    return {
      plan,
      codeKeys: Object.fromEntries(codeKeys),
      installSeconds: inspector.installSeconds,
    };
  } finally {
    await inspector.close();
  }
}

/** The code keys of those modules that can be read; what is wrong with the others is a problem. */
async function readCodeKeys(
  modules: readonly string[],
  code: CodeMemo,
  problems: Problems,
): Promise<Map<string, string>> {
  try {
    return await code.keysOf(modules);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    if (modules.length === 1) {
      problems.issues.push(...error.issues);
      return new Map();
    }
  }
  const keys = new Map<string, string>();
  for (const module of modules) {
    for (const [name, key] of await readCodeKeys([module], code, problems)) keys.set(name, key);
  }
  return keys;
}

/** The interfaces of modules, by module; those that the store does not remember are extracted. */
async function readInterfaces(
  store: Store,
  codeKeys: ReadonlyMap<string, string>,
  inspector: {
    describe(
      modules: readonly string[],
    ): Promise<Readonly<Record<string, StageInterface | { error: string }>>>;
  },
  onError: (module: string, error: string) => void,
): Promise<Map<string, StageInterface>> {
  const interfaces = new Map<string, StageInterface>();
  const memory = (module: string) => interfacePath(store, codeKeys.get(module)!);
  const unknown: string[] = [];
  for (const module of codeKeys.keys()) {
    const remembered = readJsonIfWhole<StageInterface>(memory(module));
    if (remembered) interfaces.set(module, remembered);
    else unknown.push(module);
  }
  if (unknown.length === 0) return interfaces;
  for (const [module, answer] of Object.entries(await inspector.describe(unknown))) {
    const fault = "error" in answer ? answer.error : interfaceFault(answer);
    if (fault !== null) onError(module, fault);
    else if (!("error" in answer)) {
      writeJson(memory(module), answer);
      interfaces.set(module, answer);
    }
  }
  return interfaces;
}

/** The interface of the stage that has a code key, if the store remembers it. */
export function readInterface(store: Store, codeKey: string): StageInterface | null {
  return readJsonIfWhole<StageInterface>(interfacePath(store, codeKey));
}

function interfacePath(store: Store, codeKey: string): string {
  return store.path("stages", `${codeKey}.${FORMAT}.json`);
}
