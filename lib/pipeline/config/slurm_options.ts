/**
 * The `slurm:` section of a pipeline file or a profile: what jobs ask of the cluster. One table
 * describes the settings; the reader and the JSON Schema for editors are both made from it.
 *
 * @module
 */
import { lookUp } from "../base/json.ts";
import { type Located, type LocatedMap, type Problems, toPlain } from "./located.ts";
import { suggestion } from "../base/suggest.ts";

/** What a job asks for, beyond its stage's resources; what is absent is left to the cluster. */
export interface JobOptions {
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  readonly constraint?: string;
  /** As `sbatch --time` has it, or minutes. */
  readonly time?: string | number;
  /** GiB, for stages that declare none. */
  readonly memory?: number;
  /** What a GPU is called, e.g. `gpu:a100`; `none` where stages are to do without. */
  readonly gres?: string;
  /** Seconds before the time limit at which a stage is asked for a checkpoint. */
  readonly grace_seconds?: number;
  /** Lines of shell that run first, e.g. `module load cuda`. */
  readonly prologue?: string;
}

/** Settings of the Slurm executor. */
export interface SlurmOptions extends JobOptions {
  /** Jobs that Slurm holds at a time. */
  readonly array_limit?: number;
  /** What differs for some stages. */
  readonly stages?: Readonly<Record<string, JobOptions>>;
}

interface Setting {
  readonly description: string;
  readonly type: "text" | "number" | "text or number";
  /** What a text must match. */
  readonly pattern?: RegExp;
  /** The smallest number. */
  readonly minimum?: number;
  readonly isWhole?: boolean;
}

const WORD = /^[\w.,:+/-]+$/;

const JOB_SETTINGS: Readonly<Record<keyof JobOptions, Setting>> = {
  partition: { description: "The partition", type: "text", pattern: WORD },
  account: { description: "The account to charge", type: "text", pattern: WORD },
  qos: { description: "The quality of service", type: "text", pattern: WORD },
  constraint: {
    description: "Features that nodes must have",
    type: "text",
    pattern: /^[\w.,:+&|*()[\]!-]+$/,
  },
  time: {
    description: "The time limit of a job: minutes, H:MM:SS or D-HH:MM:SS",
    type: "text or number",
    pattern: /^(\d+-)?\d+(:\d\d){0,2}$/,
    minimum: 1,
    isWhole: true,
  },
  memory: { description: "GiB, for stages that declare none", type: "number", minimum: 0.001 },
  gres: {
    description: "What a GPU is called, e.g. gpu:a100 (default: gpu); none: do without GPUs",
    type: "text",
    pattern: /^[\w.:-]+$/,
  },
  grace_seconds: {
    description: "Seconds before the time limit at which a stage saves a checkpoint (default: 120)",
    type: "number",
    minimum: 1,
    isWhole: true,
  },
  prologue: { description: "Shell lines before a job, e.g. module load cuda", type: "text" },
};

const RUN_SETTINGS: Readonly<Record<"array_limit", Setting>> = {
  array_limit: {
    description: "Jobs that Slurm holds at a time (default: 500); -j overrides it",
    type: "number",
    minimum: 1,
    isWhole: true,
  },
};

/** Reads the section. What is wrong goes to `problems`. @param stages Names of the stages. */
export function readSlurmOptions(
  node: Located | undefined,
  stages: readonly string[],
  problems: Problems,
): SlurmOptions {
  const map = asMap(node, "slurm", problems);
  if (!map) return {};
  const settings = { ...JOB_SETTINGS, ...RUN_SETTINGS };
  const overrides = asMap(map.entries.get("stages")?.value, "slurm.stages", problems);
  const byStage = [...overrides?.entries ?? []].map(([stage, { key, value }]) => {
    if (!stages.includes(stage)) {
      problems.add(key, `there is no stage "${stage}"`, suggestion(stage, stages));
    }
    const own = asMap(value, `slurm.stages.${stage}`, problems);
    return [stage, own ? readSettings(own, JOB_SETTINGS, [], problems) : {}] as const;
  });
  return {
    ...readSettings(map, settings, ["stages"], problems),
    ...overrides ? { stages: Object.fromEntries(byStage) } : {},
  };
}

/** The settings for one stage's jobs. */
export function optionsOf({ stages, array_limit: _, ...all }: SlurmOptions, stage: string) {
  return { ...all, ...stages && lookUp(stages, stage) } satisfies JobOptions;
}

function asMap(node: Located | undefined, what: string, problems: Problems): LocatedMap | null {
  if (!node || (node.kind === "scalar" && node.value === null)) return null;
  if (node.kind === "map") return node;
  problems.add(node.place, `"${what}" must be a mapping`);
  return null;
}

function readSettings(
  map: LocatedMap,
  settings: Readonly<Record<string, Setting>>,
  others: readonly string[],
  problems: Problems,
): JobOptions {
  const entries = [...map.entries].flatMap(([name, { key, value }]) => {
    if (others.includes(name)) return [];
    if (!Object.hasOwn(settings, name)) {
      const known = [...Object.keys(settings), ...others];
      problems.add(key, `unknown setting "${name}" of slurm`, suggestion(name, known));
      return [];
    }
    const plain = toPlain(value);
    if (plain === null) return [];
    const fault = faultOf(plain, settings[name]);
    if (fault !== null) problems.add(value.place, `"${name}" of slurm ${fault}`);
    return [[name, plain]];
  });
  return Object.fromEntries(entries);
}

function faultOf(value: unknown, { type, pattern, minimum, isWhole }: Setting): string | null {
  if (typeof value === "number" && type !== "text") {
    const isFit = value >= minimum! && (!isWhole || Number.isInteger(value));
    return isFit ? null : `must be ${isWhole ? "a whole number" : "a number"} from ${minimum}`;
  }
  if (typeof value === "string" && type !== "number") {
    return !pattern || pattern.test(value) ? null : `must match ${pattern.source}`;
  }
  return `must be a ${type}`;
}

/** JSON Schemas that {@link slurmSchema} refers to, for `$defs`. */
export function slurmDefinitions(): { readonly [name: string]: unknown } {
  return {
    "slurm.job": {
      type: "object",
      additionalProperties: false,
      properties: schemasOf(JOB_SETTINGS),
    },
  };
}

/** The section's JSON Schema. @param stages Names of the stages. */
export function slurmSchema(stages: readonly string[]): { readonly [keyword: string]: unknown } {
  const job = { $ref: "#/$defs/slurm.job" };
  return {
    description: "What jobs ask of a Slurm cluster, for --executor slurm",
    anyOf: [{
      type: "object",
      additionalProperties: false,
      properties: {
        ...schemasOf({ ...JOB_SETTINGS, ...RUN_SETTINGS }),
        stages: {
          description: "What differs for some stages",
          type: "object",
          additionalProperties: job,
          properties: Object.fromEntries(stages.map((name) => [name, job])),
        },
      },
    }, { type: "null" }],
  };
}

function schemasOf(settings: Readonly<Record<string, Setting>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [name, settingSchema(setting)]),
  );
}

function settingSchema({ description, type, pattern, minimum, isWhole }: Setting) {
  const text = { type: "string", ...pattern ? { pattern: pattern.source } : {} };
  const number = { type: isWhole ? "integer" : "number", minimum };
  const reference = { type: "string", pattern: "\\$\\{\\w+\\}" };
  const kinds = [...type === "number" ? [] : [text], ...type === "text" ? [] : [number]];
  return { description, anyOf: [...kinds, reference, { type: "null" }] };
}
