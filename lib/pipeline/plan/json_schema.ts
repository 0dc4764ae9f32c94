/**
 * The JSON Schema of a pipeline file and of its profiles, for editors: stages, the params of each
 * with their descriptions, and its inputs.
 *
 * @module
 */
import type { ParamSchema, StageInterface } from "../stage/interface.ts";
import type { Plan } from "./plan.ts";
import { slurmDefinitions, slurmSchema } from "../config/slurm_options.ts";

/** A JSON Schema. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** What stands for the value of a top-level param. */
const REFERENCE = { $ref: "#/$defs/reference" };

/**
 * Makes the schema.
 *
 * @param interfaces The stages' interfaces by stage.
 */
export function pipelineSchema(
  plan: Plan,
  interfaces: Readonly<Record<string, StageInterface>>,
): JsonSchema {
  const names = Object.keys(plan.stages);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `Pipeline ${plan.name}`,
    type: "object",
    additionalProperties: false,
    properties: {
      name: { type: "string", description: "What the pipeline is called" },
      params: {
        type: "object",
        description: "Defaults, which a profile or -S overrides; ${name} stands for one anywhere",
        properties: Object.fromEntries(Object.keys(plan.params).map((name) => [name, {}])),
      },
      stages: {
        type: "object",
        description: "The stages; each is stages/NAME.ts unless it names another module",
        properties: Object.fromEntries(
          names.map((name) => [name, {
            description: interfaces[name].description,
            ...nullable(stageSchema(name, names)),
          }]),
        ),
        additionalProperties: nullable({
          ...stageSchema(null, names),
          allOf: names.map((name) => ({
            if: { properties: { like: { const: name } }, required: ["like"] },
            then: { properties: partsOf(name) },
          })),
        }),
      },
      slurm: slurmSchema(names),
    },
    $defs: {
      ...slurmDefinitions(),
      ...Object.fromEntries(
        names.flatMap((name) => [
          [`${name}.params`, paramsSchema(interfaces[name])],
          [`${name}.needs`, needsSchema(interfaces[name])],
        ]),
      ),
      reference: {
        type: "string",
        pattern: "\\$\\{\\w+\\}",
        description: "The value of a top-level param: ${name}",
      },
      need: {
        description: "STAGE[.OUTPUT][@axis=value,...]",
        anyOf: [
          { type: "string", pattern: "^[\\w-]+(\\.[\\w-]+)?(@.+)?$" },
          {
            type: "object",
            additionalProperties: false,
            required: ["from"],
            properties: {
              from: { type: "string", description: "STAGE[.OUTPUT][@axis=value,...]" },
              when: { type: "object", description: "The need holds for these axis values only" },
            },
          },
        ],
      },
      axis: {
        description:
          "A list of values, or a mapping from a value's name to the params that it sets",
        anyOf: [{ type: "array" }, { type: "object" }, REFERENCE, { type: "null" }],
      },
    },
  };
}

/** A stage of the pipeline, or one that a profile adds (`null`). */
function stageSchema(name: string | null, stages: readonly string[]): JsonSchema {
  return {
    type: "object",
    additionalProperties: false,
    properties: {
      like: { type: "string", description: "A stage whose settings this one starts from" },
      module: { type: "string", description: "Path of the module, in place of stages/NAME.ts" },
      ...name === null ? { params: {}, needs: {} } : partsOf(name),
      matrix: matrixSchema(stages),
      resources: {
        type: "object",
        additionalProperties: false,
        properties: {
          cpu: { type: "number", minimum: 0, description: "CPU slots, and threads on CPUs" },
          gpu: { type: "number", minimum: 0, description: "GPUs; CPU slots where there are none" },
          memory: { type: "number", minimum: 0, description: "GiB" },
        },
      },
    },
  };
}

/** What depends on a stage's own declarations. */
function partsOf(name: string): JsonSchema {
  return {
    params: { $ref: `#/$defs/${name}.params` },
    needs: { $ref: `#/$defs/${name}.needs` },
  };
}

function paramsSchema({ params }: StageInterface): JsonSchema {
  return nullable({
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.entries(params).map(([name, schema]) => [name, paramSchema(schema)]),
    ),
  });
}

function needsSchema({ inputs }: StageInterface): JsonSchema {
  const properties = Object.entries(inputs).map(([name, { columns, mode }]) => {
    const need = { $ref: "#/$defs/need" };
    const kinds = mode === "gather" ? [need, { type: "array", items: need }] : [need];
    const description = `Reads ${columns.join(", ")}`;
    return [name, { description, anyOf: [...kinds, { type: "null" }] }];
  });
  return nullable({
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(properties),
  });
}

function matrixSchema(stages: readonly string[]): JsonSchema {
  const patterns = {
    type: "array",
    items: { type: "object" },
    description: "Combinations of axis values",
  };
  return {
    description: "The axes of the stage's instances, or a stage that has the same",
    anyOf: [
      { enum: [...stages] },
      { type: "string" },
      {
        type: "object",
        properties: { include: patterns, exclude: patterns },
        additionalProperties: { $ref: "#/$defs/axis" },
      },
      { type: "null" },
    ],
  };
}

/** A param's own schema, or a reference; null, as in a profile that removes a setting. */
function paramSchema({ description, default: value, ...schema }: ParamSchema): JsonSchema {
  return {
    ...description === undefined ? {} : { description },
    ...value === undefined ? {} : { default: value },
    anyOf: [withReferences(schema), REFERENCE, { type: "null" }],
  };
}

/** Keywords whose value is a schema, a list of schemas or a mapping to schemas. */
const NESTED = ["items", "additionalProperties", "prefixItems", "properties", "anyOf", "oneOf"];

/**
 * A schema that lets a reference stand wherever a value does. What an object requires may come from
 * the file that a profile is laid over.
 */
function withReferences(schema: JsonSchema): JsonSchema {
  const { required: _, location: __, ...rest } = schema;
  return Object.fromEntries(
    Object.entries(rest).map(([keyword, value]) => {
      if (!NESTED.includes(keyword) || typeof value !== "object" || value === null) {
        return [keyword, value];
      }
      const change = (inner: JsonSchema) => ({ anyOf: [withReferences(inner), REFERENCE] });
      if (Array.isArray(value)) return [keyword, value.map(change)];
      if (keyword !== "properties") return [keyword, change(value as JsonSchema)];
      const entries = Object.entries(value).map(([name, inner]) => [name, change(inner)]);
      return [keyword, Object.fromEntries(entries)];
    }),
  );
}

function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: "null" }] };
}
