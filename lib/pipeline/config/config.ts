/**
 * Reads pipeline.yaml with its profile and overrides into a typed configuration. What only the
 * stages' own declarations can tell (unknown params, missing needs) is checked in `compile.ts`.
 *
 * @module
 */
import {
  type Located,
  type LocatedMap,
  overlay,
  type Place,
  Problems,
  type Source,
  toPlain,
} from "./located.ts";
import { checkAxisValue, checkName } from "./names.ts";
import { type Override, overrideTree } from "./override.ts";
import { parseLocated } from "./parse.ts";
import { References } from "./references.ts";
import type { Json } from "../base/json.ts";
import { parsePins } from "./pins.ts";
import { readSlurmOptions, type SlurmOptions } from "./slurm_options.ts";
import { suggestion } from "../base/suggest.ts";

/** A value of an axis, and the params that it sets. */
export interface AxisValue {
  readonly name: string;
  /** Params by name; a list axis sets the param of its own name, if the stage has one. */
  readonly params: ReadonlyMap<string, Located> | null;
  readonly value: Located;
}

/** An axis of a matrix. */
export interface Axis {
  readonly name: string;
  readonly values: readonly AxisValue[];
}

/** Some axis values, as in `include` and `exclude`. */
export interface AxisPattern {
  readonly values: ReadonlyMap<string, Located>;
  /** Where each axis is named. */
  readonly keys: ReadonlyMap<string, Place>;
}

/** A stage's matrix: axes of its own, or those of another stage. */
export type Matrix =
  | { readonly sameAs: string; readonly place: Place }
  | {
    readonly axes: readonly Axis[];
    readonly include: readonly AxisPattern[];
    readonly exclude: readonly AxisPattern[];
  };

/** A need: which output of which instances. A gathered input may have several. */
export interface Need {
  readonly input: string;
  readonly stage: string;
  readonly output: string | null;
  /** Axis values that the producer is pinned to. */
  readonly pins: ReadonlyMap<string, string>;
  /** Axis values of the consumer to which the need is limited; any of the listed. */
  readonly when: ReadonlyMap<string, readonly string[]>;
  /** Where each of those axes is named. */
  readonly whenKeys: ReadonlyMap<string, Place>;
  /** Where the input is named. */
  readonly inputPlace: Place;
  readonly place: Place;
}

/** A stage as configured. */
export interface StageConfig {
  readonly name: string;
  /** Path of the module relative to the pipeline file. */
  readonly module: string;
  readonly params: ReadonlyMap<string, Located>;
  /** Where each param is named. */
  readonly paramKeys: ReadonlyMap<string, Place>;
  readonly matrix: Matrix;
  readonly needs: readonly Need[];
  readonly resources: Readonly<Record<string, number>>;
  readonly place: Place;
}

/** A pipeline as configured. */
export interface PipelineConfig {
  readonly name: string;
  readonly params: Readonly<Record<string, Json>>;
  readonly stages: readonly StageConfig[];
  readonly slurm: SlurmOptions;
}

/** The texts that make a configuration. */
export interface ConfigSources {
  readonly pipeline: Source;
  readonly profile: Source | null;
  readonly overrides: readonly Override[];
}

const TOP_KEYS = ["name", "params", "stages", "slurm"];
const STAGE_KEYS = ["like", "module", "params", "matrix", "needs", "resources"];
const NEED_KEYS = ["from", "when"];
const RESOURCE_KEYS = ["cpu", "gpu", "memory"];

/** Reads a configuration. What is wrong goes to `problems`. */
export function readConfig(sources: ConfigSources, problems: Problems): PipelineConfig {
  return new ConfigReader(problems).read(sources);
}

class ConfigReader {
  readonly #problems: Problems;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  read({ pipeline, profile, overrides }: ConfigSources): PipelineConfig {
    let tree = parseLocated(pipeline);
    if (profile) tree = this.#withProfile(tree, parseLocated(profile));
    for (const override of overrides) {
      tree = overlay(tree, overrideTree(this.#map(tree, "the pipeline"), override, this.#problems));
    }
    const top = this.#map(tree, "the pipeline");
    this.#knownKeys(top, TOP_KEYS, "key");
    const written = this.#childMap(top, "params");
    for (const [name, { key }] of written.entries) checkName("param", name, key, this.#problems);
    const references = new References(written, this.#problems);
    const params = references.params();
    const stages = this.#childMap(top, "stages");
    if (stages.entries.size === 0 && this.#problems.issues.length === 0) {
      this.#problems.add(top.place, "there are no stages", "add `stages:` with at least one");
    }
    return {
      name: this.#text(top, "name") ?? "pipeline",
      params: toPlain(params) as Record<string, Json>,
      stages: [...stages.entries].map(([name, { key }]) =>
        this.#stage(name, key, references.replace(this.#resolveLike(name, stages, [])))
      ),
      slurm: readSlurmOptions(
        references.replace(this.#childMap(top, "slurm")),
        [...stages.entries.keys()],
        this.#problems,
      ),
    };
  }

  /** A stage as written, laid over the one that it is `like`; the module is that one's. */
  #resolveLike(name: string, stages: LocatedMap, path: readonly string[]): Located {
    const { value: node } = stages.entries.get(name)!;
    const like = node.kind === "map" ? node.entries.get("like")?.value : undefined;
    if (node.kind !== "map" || !like) return node;
    const base = String(toPlain(like));
    if (!stages.entries.has(base)) {
      const message = `there is no stage "${base}" that this could be like`;
      this.#problems.add(like.place, message, suggestion(base, [...stages.entries.keys()]));
      return node;
    }
    if (base === name || path.includes(base)) {
      this.#problems.add(like.place, `stages are like each other: ${[...path, name].join(", ")}`);
      return node;
    }
    const below = this.#resolveLike(base, stages, [...path, name]);
    const { key } = node.entries.get("like")!;
    const module = { kind: "scalar", value: `stages/${base}.ts`, place: like.place } as const;
    const named = new Map([["module", { key, value: module as Located }]]);
    return overlay(overlay({ ...node, entries: named }, below), node);
  }

  /** A profile that holds nothing, or comments only, changes nothing. */
  #withProfile(tree: Located, profile: Located): Located {
    const isEmpty = profile.kind === "scalar" && profile.value === null;
    return isEmpty ? tree : overlay(tree, this.#map(profile, "a profile"));
  }

  #stage(name: string, key: Place, node: Located): StageConfig {
    checkName("stage", name, key, this.#problems);
    const isEmpty = node.kind === "scalar" && node.value === null;
    const stage = isEmpty ? this.#emptyMap(key) : this.#map(node, `stage "${name}"`);
    this.#knownKeys(stage, STAGE_KEYS, "key");
    const params = this.#childMap(stage, "params");
    return {
      name,
      module: this.#text(stage, "module") ?? `stages/${name}.ts`,
      params: this.#values(params),
      paramKeys: keysOf(params),
      matrix: this.#matrix(stage.entries.get("matrix")?.value),
      needs: this.#needs(this.#childMap(stage, "needs")),
      resources: this.#resources(this.#childMap(stage, "resources")),
      place: key,
    };
  }

  #matrix(node: Located | undefined): Matrix {
    if (!node) return { axes: [], include: [], exclude: [] };
    if (node.kind === "scalar" && typeof node.value === "string") {
      return { sameAs: node.value, place: node.place };
    }
    const { entries } = this.#map(node, "a matrix");
    const axes = [...entries].filter(([name]) => name !== "include" && name !== "exclude");
    return {
      axes: axes.map(([name, { key, value }]) => this.#axis(name, key, value)),
      include: this.#patterns(entries.get("include")?.value),
      exclude: this.#patterns(entries.get("exclude")?.value),
    };
  }

  #axis(name: string, key: Place, node: Located): Axis {
    checkName("axis", name, key, this.#problems);
    if (node.kind === "scalar") {
      this.#problems.add(key, `axis "${name}" must be a list, or a mapping from names to params`);
      return { name, values: [] };
    }
    const values = node.kind === "list"
      ? node.items.map((value) => ({ name: axisText(value), params: null, value }))
      : [...node.entries].map(([valueName, { key: place, value }]) => ({
        name: valueName,
        params: this.#values(this.#map(value, `value "${valueName}" of axis "${name}"`)),
        value: { kind: "scalar", value: valueName, place } as const,
      }));
    this.#checkAxisValues(values);
    return { name, values };
  }

  #checkAxisValues(values: readonly AxisValue[]): void {
    const seen = new Set<string>();
    for (const { name, value } of values) {
      if (seen.has(name)) this.#problems.add(value.place, `the value "${name}" is there twice`);
      checkAxisValue(name, value.place, this.#problems);
      seen.add(name);
    }
  }

  #patterns(node: Located | undefined): AxisPattern[] {
    if (!node) return [];
    if (node.kind !== "list") {
      this.#problems.add(
        node.place,
        "include and exclude are lists of mappings from axes to values",
      );
      return [];
    }
    return node.items.map((item) => {
      const map = this.#map(item, "an entry");
      for (const [axis, { key, value }] of map.entries) {
        checkName("axis", axis, key, this.#problems);
        if (value.kind === "scalar") {
          checkAxisValue(axisText(value), value.place, this.#problems);
          continue;
        }
        this.#problems.add(
          value.place,
          "an entry of include or exclude has one value of each axis",
          "write an entry for each of several values",
        );
      }
      return { values: this.#values(map), keys: keysOf(map) };
    });
  }

  /** Needs; one that is null, as in a profile, is none. */
  #needs(map: LocatedMap): Need[] {
    return [...map.entries].flatMap(([input, { key, value }]) => {
      const isNull = value.kind === "scalar" && value.value === null;
      if (isNull && input.includes("=")) {
        const message = `"${input}" is not an input, but what follows a comma`;
        this.#problems.add(key, message, "put a need with several pins into quotes");
      }
      if (isNull) return [];
      return (value.kind === "list" ? value.items : [value]).map((item) =>
        this.#need(input, key, item)
      );
    });
  }

  #need(input: string, inputPlace: Place, node: Located): Need {
    const isText = node.kind === "scalar";
    if (!isText) this.#knownKeys(this.#map(node, `need "${input}"`), NEED_KEYS, "key");
    const text = isText ? node : node.kind === "map" ? node.entries.get("from")?.value : undefined;
    const reference = text?.kind === "scalar" ? String(text.value) : "";
    const match = /^([\w-]+)(?:\.([\w-]+))?(?:@(.+))?$/.exec(reference);
    if (!match) {
      this.#problems.add(
        text?.place ?? node.place,
        "a need is STAGE[.OUTPUT][@axis=value,...]",
      );
    }
    const [, stage = "", output = null, pins = ""] = match ?? [];
    const when = node.kind === "map" ? this.#childMap(node, "when") : null;
    return {
      input,
      stage,
      output,
      pins: parsePins(pins),
      when: new Map(
        [...when?.entries ?? []].map(([axis, { value }]) => [
          axis,
          (value.kind === "list" ? value.items : [value]).map(axisText),
        ]),
      ),
      whenKeys: when ? keysOf(when) : new Map(),
      inputPlace,
      place: text?.place ?? node.place,
    };
  }

  #resources(map: LocatedMap): Record<string, number> {
    this.#knownKeys(map, RESOURCE_KEYS, "resource");
    const resources: Record<string, number> = {};
    for (const [name, { value }] of map.entries) {
      if (value.kind === "scalar" && typeof value.value === "number" && value.value >= 0) {
        resources[name] = value.value;
      } else this.#problems.add(value.place, `the resource "${name}" must be a number, at least 0`);
    }
    return resources;
  }

  #values(map: LocatedMap): Map<string, Located> {
    return new Map([...map.entries].map(([name, { value }]) => [name, value]));
  }

  #text(map: LocatedMap, name: string): string | undefined {
    const node = map.entries.get(name)?.value;
    if (!node) return undefined;
    if (node.kind === "scalar" && typeof node.value === "string") return node.value;
    this.#problems.add(node.place, `"${name}" must be a text`);
    return undefined;
  }

  #childMap(map: LocatedMap, name: string): LocatedMap {
    const node = map.entries.get(name)?.value;
    const isEmpty = !node || (node.kind === "scalar" && node.value === null);
    return isEmpty ? this.#emptyMap(map.place) : this.#map(node, `"${name}"`);
  }

  #map(node: Located, what: string): LocatedMap {
    if (node.kind === "map") return node;
    this.#problems.add(node.place, `${what} must be a mapping`);
    return this.#emptyMap(node.place);
  }

  #emptyMap(place: Place): LocatedMap {
    return { kind: "map", entries: new Map(), place };
  }

  #knownKeys(map: LocatedMap, known: readonly string[], what: string): void {
    for (const [name, { key }] of map.entries) {
      if (!known.includes(name)) {
        this.#problems.add(key, `unknown ${what} "${name}"`, suggestion(name, known));
      }
    }
  }
}

function keysOf({ entries }: LocatedMap): Map<string, Place> {
  return new Map([...entries].map(([name, { key }]) => [name, key]));
}

function axisText(node: Located): string {
  const plain = toPlain(node);
  return typeof plain === "object" ? JSON.stringify(plain) : String(plain);
}
