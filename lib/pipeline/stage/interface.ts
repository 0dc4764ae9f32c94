/**
 * The interface of a stage: all that planning needs to know of it, extracted once from its module
 * and kept in the store, so that a run in which nothing changed loads no stage.
 *
 * @module
 */
import { pathConflict, pathFault } from "../base/relative_path.ts";
import type { InputSpec, OutputSpec, Published, StageDefinition, Tolerance } from "./stage.ts";
import type { TableSchema } from "../../arrow/schema.ts";

/** What a stage reads of an input. */
export interface InputInterface {
  readonly columns: readonly string[];
  readonly mode: "one" | "optional" | "gather";
  readonly provenance: boolean;
  /** Whether the input may have no need. */
  readonly optional: boolean;
}

/** What a stage writes. */
export interface OutputInterface {
  readonly kind: "table" | "committed" | "files";
  readonly columns: readonly string[];
  /** Of files, the one that a run prints when it has made them. */
  readonly show: string | null;
}

/** A param as its JSON Schema describes it. */
export interface ParamSchema {
  readonly description?: string;
  readonly location?: boolean;
  readonly [keyword: string]: unknown;
}

/** What a job asks for. */
export interface Request {
  readonly cpu: number;
  /** Whether to add the CPUs that nothing waits for. */
  readonly spareCpus: boolean;
  readonly gpu: number;
  /** GiB. */
  readonly memory: number;
}

/** The interface of a stage. */
export interface StageInterface {
  readonly description: string;
  /** JSON Schema of each param. */
  readonly params: Readonly<Record<string, ParamSchema>>;
  readonly inputs: Readonly<Record<string, InputInterface>>;
  readonly outputs: Readonly<Record<string, OutputInterface>>;
  readonly resources: Request;
  readonly requires: readonly string[];
  readonly network: boolean;
  /** How far values may differ; `null` where they must be equal. */
  readonly tolerance: Tolerance | null;
  /** The param by which the stage extends earlier results. */
  readonly extends: string | null;
}

/** The interface that a definition declares, but for its params, which only zod can describe. */
export function interfaceOf(definition: StageDefinition): Omit<StageInterface, "params"> {
  return {
    description: definition.description,
    inputs: mapValues(definition.inputs, inputInterface),
    outputs: mapValues(definition.outputs, outputInterface),
    resources: { cpu: 1, spareCpus: false, gpu: 0, memory: 0, ...definition.resources },
    requires: definition.requires ?? [],
    network: definition.network ?? false,
    tolerance: definition.tolerance ?? null,
    extends: definition.extends ?? null,
  };
}

/** Names of outputs are names of files. */
const OUTPUT_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/**
 * What is wrong with the names in an interface, which code of the stage has made and paths are
 * made of; `null` if nothing is.
 */
export function interfaceFault({ outputs }: StageInterface): string | null {
  for (const [name, { show }] of Object.entries(outputs)) {
    if (!OUTPUT_NAME.test(name)) {
      return `the output ${JSON.stringify(name)} must be called by at most 64 letters, digits, ` +
        "- and _, no digit or - first";
    }
    const fault = show === null ? null : pathFault(show);
    if (fault !== null) return `output "${name}" cannot show ${JSON.stringify(show)} as ${fault}`;
  }
  const conflict = pathConflict(Object.keys(outputs));
  if (conflict) return `the outputs "${conflict[0]}" and "${conflict[1]}" differ only in case`;
  return null;
}

/** The schema inside an input's declaration. */
export function inputSchema(spec: InputSpec): TableSchema {
  if ("gathers" in spec) return spec.gathers;
  return "optional" in spec ? spec.optional : spec;
}

/** The schema inside an output's declaration, or `null` for files. */
export function outputSchema(spec: OutputSpec): TableSchema | null {
  if ("commits" in spec) return spec.commits;
  return "publishes" in spec ? null : spec;
}

function inputInterface(spec: InputSpec): InputInterface {
  const columns = Object.keys(inputSchema(spec).columns);
  if ("gathers" in spec) {
    return { columns, mode: "gather", provenance: spec.provenance, optional: spec.mayBeEmpty };
  }
  const optional = "optional" in spec;
  return { columns, mode: optional ? "optional" : "one", provenance: false, optional };
}

function outputInterface(spec: OutputSpec): OutputInterface {
  const schema = outputSchema(spec);
  if (!schema) return { kind: "files", columns: [], show: (spec as Published).show };
  const kind = "commits" in spec ? "committed" : "table";
  return { kind, columns: Object.keys(schema.columns), show: null };
}

function mapValues<T, U>(object: Readonly<Record<string, T>>, f: (value: T) => U) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, f(value)]));
}
