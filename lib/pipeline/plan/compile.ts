/**
 * Compiles a configuration and the stages' interfaces into a plan: validates params, expands
 * matrices, resolves needs, and puts instances into order. Everything that is wrong is reported
 * at once.
 *
 * @module
 */
import type { Need, PipelineConfig, StageConfig } from "../config/config.ts";
import { type Located, type Place, type Problems, toPlain } from "../config/located.ts";
import type { InputInterface, StageInterface } from "../stage/interface.ts";
import type { ValidatedParams } from "./inspector.ts";
import type { Json } from "../base/json.ts";
import { canonicalJson, lookUp } from "../base/json.ts";
import { Joiner } from "./joiner.ts";
import { applies, type Combination, expandMatrices } from "./matrix.ts";
import {
  type AxisValues,
  instanceName,
  type Plan,
  type PlannedInput,
  type PlannedInstance,
  type PlannedStage,
} from "./plan.ts";
import { suggestion } from "../base/suggest.ts";

/** What compiling needs to know beyond the configuration. */
export interface CompileContext {
  /** Verbs, which no stage may be called. */
  readonly reservedNames: readonly string[];
  /** Interfaces by module. */
  readonly interfaces: ReadonlyMap<string, StageInterface>;
  /** Code keys by module. */
  readonly codeKeys: ReadonlyMap<string, string>;
  /** Fills in defaults and checks types. */
  validate(
    requests: readonly { module: string; params: Json }[],
  ): Promise<readonly ValidatedParams[]>;
}

/** Compiles a plan. What is wrong goes to `problems`; the plan is then incomplete. */
export async function compile(
  config: PipelineConfig,
  context: CompileContext,
  problems: Problems,
): Promise<Plan> {
  const compiler = new Compiler(config, context, problems);
  return await compiler.compile();
}

interface Draft {
  readonly stage: StageConfig;
  readonly face: StageInterface;
  readonly combination: Combination;
  /** Params as written, by name. */
  readonly raw: ReadonlyMap<string, Located>;
}

/** The most tables that all instances together may need, which bounds a plan's memory. */
const MOST_EDGES = 5_000_000;

class Compiler {
  readonly #config: PipelineConfig;
  readonly #context: CompileContext;
  readonly #problems: Problems;
  readonly #stages: ReadonlyMap<string, StageConfig>;
  readonly #combinations: Map<string, Combination[]>;
  readonly #joiners = new Map<Need, Joiner>();
  /** Needs with unknown axes; their join errors would be noise. */
  readonly #misnamed = new Set<Need>();
  /** Tables that instances need, so far. */
  #edges = 0;

  constructor(config: PipelineConfig, context: CompileContext, problems: Problems) {
    this.#config = config;
    this.#context = context;
    this.#problems = problems;
    this.#stages = new Map(config.stages.map((stage) => [stage.name, stage]));
    this.#combinations = expandMatrices(config.stages, problems);
  }

  async compile(): Promise<Plan> {
    for (const stage of this.#config.stages) {
      this.#checkStage(stage);
      this.#checkSeeds(stage);
      for (const need of stage.needs) this.#checkAxes(stage, need);
    }
    const drafts = this.#order().flatMap((stage) => this.#drafts(stage));
    const params = await this.#validate(drafts);
    const instances = drafts.map((draft, i) => this.#instance(draft, params[i]));
    const stages = this.#config.stages.flatMap((stage) => this.#plannedStage(stage));
    return {
      name: this.#config.name,
      params: this.#config.params,
      stages: Object.fromEntries(stages.map((stage) => [stage.name, stage])),
      instances,
      slurm: this.#config.slurm,
    };
  }

  #face(stage: StageConfig): StageInterface | undefined {
    return this.#context.interfaces.get(stage.module);
  }

  #checkStage(stage: StageConfig): void {
    if (this.#context.reservedNames.includes(stage.name)) {
      this.#problems.add(stage.place, `a stage may not be called "${stage.name}", as a verb is`);
    }
    const face = this.#face(stage);
    if (!face) return;
    const known = Object.keys(face.params);
    for (const [name, place] of stage.paramKeys) {
      if (!known.includes(name)) {
        const message = `stage "${stage.name}" has no param "${name}"`;
        this.#problems.add(place, message, suggestion(name, known));
      }
    }
    const needs = stage.needs.map((need) => need.input);
    for (const need of stage.needs) {
      if (!Object.hasOwn(face.inputs, need.input)) {
        const message = `stage "${stage.name}" has no input "${need.input}"`;
        this.#problems.add(
          need.inputPlace,
          message,
          suggestion(need.input, Object.keys(face.inputs)),
        );
      }
    }
    for (const [input, { mode, optional }] of Object.entries(face.inputs)) {
      if (!optional && !needs.includes(input)) {
        this.#problems.add(
          stage.place,
          `stage "${stage.name}" needs "${input}"`,
          `add "${input}: STAGE" to its needs`,
        );
      }
      const again = stage.needs.filter((need) => need.input === input).at(1);
      if (mode !== "gather" && again) {
        this.#problems.add(again.place, `"${input}" takes one table, so it can have one need only`);
      }
    }
  }

  /** The stages, each after those that it needs. */
  #order(): StageConfig[] {
    const ordered: StageConfig[] = [];
    const state = new Map<string, "open" | "done">();
    const visit = (stage: StageConfig, path: readonly string[]) => {
      if (state.get(stage.name) === "done") return;
      state.set(stage.name, "open");
      for (const need of stage.needs) this.#visitNeed(need, path, state, visit);
      state.set(stage.name, "done");
      ordered.push(stage);
    };
    for (const stage of this.#config.stages) visit(stage, [stage.name]);
    return ordered;
  }

  #visitNeed(
    need: Need,
    path: readonly string[],
    state: ReadonlyMap<string, "open" | "done">,
    visit: (stage: StageConfig, path: readonly string[]) => void,
  ): void {
    const producer = this.#stages.get(need.stage);
    if (!producer) {
      if (need.stage === "") return;
      const message = `there is no stage "${need.stage}"`;
      this.#problems.add(need.place, message, suggestion(need.stage, [...this.#stages.keys()]));
    } else if (state.get(producer.name) === "open") {
      const cycle = [...path.slice(path.indexOf(producer.name)), producer.name];
      this.#problems.add(need.place, `stages need each other: ${cycle.join(" -> ")}`);
    } else visit(producer, [...path, producer.name]);
  }

  #drafts(stage: StageConfig): Draft[] {
    const face = this.#face(stage);
    if (!face) return [];
    const isParam = (name: string) => Object.hasOwn(face.params, name);
    return (this.#combinations.get(stage.name) ?? []).map((combination) => {
      const raw = new Map([...stage.params].filter(([name]) => isParam(name)));
      for (const [axis, { params, value }] of combination.values) {
        if (params === null && isParam(axis)) raw.set(axis, value);
        for (const [name, node] of params ?? []) {
          if (isParam(name)) raw.set(name, node);
        }
      }
      return { stage, face, combination, raw };
    });
  }

  /** Validated params of every draft; equal ones are asked about once. */
  async #validate(drafts: readonly Draft[]): Promise<(Readonly<Record<string, Json>> | null)[]> {
    const requests = new Map<string, { module: string; params: Json }>();
    const ids = drafts.map(({ stage, raw }) => {
      const params = Object.fromEntries([...raw].map(([name, node]) => [name, toPlain(node)]));
      const request = { module: stage.module, params };
      const id = canonicalJson(request);
      requests.set(id, request);
      return id;
    });
    if (requests.size === 0) return [];
    const answers = await this.#context.validate([...requests.values()]);
    const byId = new Map([...requests.keys()].map((id, i) => [id, answers[i]]));
    const reported = new Set<string>();
    return drafts.map((draft, i) => {
      const answer = byId.get(ids[i])!;
      if ("params" in answer) return answer.params;
      if (!reported.has(ids[i])) this.#reportParams(draft, answer.issues);
      reported.add(ids[i]);
      return null;
    });
  }

  #reportParams(
    { stage, raw, face }: Draft,
    issues: readonly { path: readonly string[]; message: string }[],
  ): void {
    const located = issues.map((issue) => {
      const [name = "", ...rest] = issue.path;
      return { ...issue, name, place: placeIn(raw.get(name), rest) };
    });
    // A value that is wrong already, as it refers to nothing, has no type to speak of.
    const news = located.filter(({ place }) => !place || !this.#problems.hasAt(place));
    for (const { name, path, message, place } of news) {
      const description = face.params[name]?.description;
      const what = message.replace(/^Invalid input: /, "");
      this.#problems.add(
        place ?? stage.place,
        `param "${path.join(".")}" of stage "${stage.name}": ${what}`,
        description ? `it is: ${description}` : undefined,
      );
    }
  }

  #instance(draft: Draft, params: Readonly<Record<string, Json>> | null): PlannedInstance {
    const { stage, face, combination: { axes } } = draft;
    const isLocation = (name: string) => face.params[name]?.location === true;
    const entries = Object.entries(params ?? {});
    return {
      name: instanceName(stage.name, axes),
      stage: stage.name,
      axes,
      seed: Number(axes.seed ?? 0),
      params: Object.fromEntries(entries.filter(([name]) => !isLocation(name))),
      locations: Object.fromEntries(entries.filter(([name]) => isLocation(name))) as Record<
        string,
        string | null
      >,
      inputs: Object.entries(face.inputs).map(([name, input]) =>
        this.#input(stage, name, input, axes)
      ),
    };
  }

  #input(
    stage: StageConfig,
    name: string,
    input: InputInterface,
    axes: AxisValues,
  ): PlannedInput {
    const producers = stage.needs.filter((need) => need.input === name)
      .flatMap((need) => this.#producers(stage, need, input, axes));
    const { columns, mode, provenance } = input;
    return { name, columns, mode, provenance, producers };
  }

  #producers(stage: StageConfig, need: Need, input: InputInterface, axes: AxisValues) {
    if (this.#edges > MOST_EDGES) return [];
    const producer = this.#stages.get(need.stage);
    const face = producer && this.#face(producer);
    if (!producer || !face) return [];
    const output = this.#output(need, face, input);
    if (output === null || !applies(need, axes)) {
      if (output !== null && input.mode === "one" && !this.#misnamed.has(need)) {
        this.#problems.add(
          need.place,
          `stage "${stage.name}" always needs "${need.input}", so its need can have no "when"`,
          "declare the input with optional()",
        );
      }
      return [];
    }
    const joined = this.#joiner(need).join(axes);
    if (input.mode !== "gather" && joined.length !== 1) {
      if (!this.#misnamed.has(need)) this.#reportJoin(stage, need, axes, joined);
      return [];
    }
    this.#edges += joined.length;
    if (this.#edges > MOST_EDGES) {
      const message = `instances need more than ${MOST_EDGES} tables in all`;
      this.#problems.add(
        need.place,
        message,
        "gather in steps, or share an axis with the producer",
      );
    }
    return joined.map((each) => ({ instance: instanceName(producer.name, each.axes), output }));
  }

  #joiner(need: Need): Joiner {
    let joiner = this.#joiners.get(need);
    if (!joiner) {
      joiner = new Joiner(this.#combinations.get(need.stage) ?? [], need);
      this.#joiners.set(need, joiner);
    }
    return joiner;
  }

  /** A seed is a number, and enters keys as one. */
  #checkSeeds(stage: StageConfig): void {
    for (const { values } of this.#combinations.get(stage.name) ?? []) {
      const seed = values.get("seed");
      if (!seed || /^\d{1,15}$/.test(seed.name)) continue;
      const message = `a seed must be a whole number from 0: it is "${seed.name}"`;
      this.#problems.add(seed.value.place, message);
    }
  }

  #checkAxes(stage: StageConfig, need: Need): void {
    const check = (owner: string, axis: string, values: readonly string[], place: Place) => {
      const combinations = this.#combinations.get(owner) ?? [];
      const axes = Object.keys(combinations[0]?.axes ?? {});
      const report = (message: string, hint: string) => {
        this.#problems.add(place, message, hint);
        this.#misnamed.add(need);
      };
      if (!axes.includes(axis)) {
        return report(`stage "${owner}" has no axis "${axis}"`, suggestion(axis, axes));
      }
      const known = valuesOf(combinations, axis);
      for (const value of values.filter((each) => !known.includes(each))) {
        const message = `axis "${axis}" of stage "${owner}" has no value "${value}"`;
        report(message, suggestion(value, known));
      }
    };
    if (this.#stages.has(need.stage)) {
      for (const [axis, value] of need.pins) check(need.stage, axis, [value], need.place);
    }
    // A value that the stage lacks is not an error: it may come from a stage that this one is like.
    for (const [axis, place] of need.whenKeys) check(stage.name, axis, [], place);
  }

  #reportJoin(
    stage: StageConfig,
    need: Need,
    axes: AxisValues,
    joined: readonly Combination[],
  ): void {
    const consumer = instanceName(stage.name, axes);
    if (joined.length === 0) {
      const producers = this.#combinations.get(need.stage) ?? [];
      const there = producers[0]?.axes ?? {};
      const shared = Object.keys(axes).filter((axis) => Object.hasOwn(there, axis));
      const values = shared.map((axis) => `${axis} ${valuesOf(producers, axis).join(", ")}`);
      const message = `no instance of "${need.stage}" fits ${consumer}`;
      this.#problems.add(need.place, message, `it is there for ${values.join("; ") || "nothing"}`);
      return;
    }
    const names = joined.slice(0, 3).map((each) => instanceName(need.stage, each.axes));
    const more = joined.length > names.length ? "; ..." : "";
    this.#problems.add(
      need.place,
      `${consumer} takes one "${need.input}", and ${joined.length} instances fit: ` +
        `${names.join("; ")}${more}`,
      "pin an axis by @axis=value, or add it to the matrix",
    );
  }

  #output(need: Need, face: StageInterface, input: InputInterface): string | null {
    const names = Object.keys(face.outputs);
    const name = need.output ?? (names.includes(need.input) ? need.input : null) ??
      (names.length === 1 ? names[0] : null);
    if (name === null) {
      const message = `"${need.stage}" has several outputs: ${names.join(", ")}`;
      this.#problems.add(need.place, message, `name one: ${need.stage}.OUTPUT`);
      return null;
    }
    const output = Object.hasOwn(face.outputs, name) ? face.outputs[name] : null;
    if (output === null) {
      const message = `"${need.stage}" has no output "${name}"`;
      this.#problems.add(need.place, message, suggestion(name, names));
      return null;
    }
    const missing = input.columns.filter((column) => !output.columns.includes(column));
    if (missing.length > 0) {
      const message = `"${need.stage}.${name}" lacks what "${need.input}" reads: ${
        missing.join(", ")
      }`;
      this.#problems.add(
        need.place,
        message,
        `it has ${output.columns.join(", ") || "no columns"}`,
      );
    }
    return name;
  }

  #plannedStage(stage: StageConfig): PlannedStage[] {
    const face = this.#face(stage);
    if (!face) return [];
    return [{
      name: stage.name,
      module: stage.module,
      codeKey: this.#context.codeKeys.get(stage.module)!,
      outputs: face.outputs,
      resources: { ...face.resources, ...stage.resources },
      requires: face.requires,
      network: face.network,
      tolerance: face.tolerance,
      extends: face.extends,
    }];
  }
}

/** The distinct values of an axis. */
function valuesOf(combinations: readonly Combination[], axis: string): string[] {
  return [...new Set(combinations.flatMap(({ axes }) => lookUp(axes, axis) ?? []))];
}

/** The place of a value inside a param. */
function placeIn(node: Located | undefined, path: readonly string[]): Place | undefined {
  if (!node) return undefined;
  const [name, ...rest] = path;
  if (name === undefined) return node.place;
  const child = node.kind === "map"
    ? node.entries.get(name)?.value
    : node.kind === "list"
    ? node.items[Number(name)]
    : undefined;
  return placeIn(child, rest) ?? node.place;
}
