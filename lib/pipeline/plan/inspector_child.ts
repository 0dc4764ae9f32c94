/**
 * Runs in a process of its own: imports stage modules, tells their interfaces and validates
 * params. See `inspector.ts`.
 *
 * @module
 */
import { z } from "zod";
import { messageOf } from "../../base/message_of.ts";
import type { StageDefinition } from "../stage/stage.ts";
import { interfaceOf, type ParamSchema, type StageInterface } from "../stage/interface.ts";
import { asPlainJson } from "./plain_params.ts";
import { linesOf } from "../base/lines.ts";
import type { InspectorRequest, InspectorResponse, ValidatedParams } from "./inspector.ts";

type Loader = () => Promise<{ default?: unknown }>;

/** Answers requests from stdin, one JSON line each, until it ends. */
export async function inspect(loaders: Readonly<Record<string, Loader>>): Promise<void> {
  for await (const line of linesOf(Deno.stdin.readable)) {
    const request = JSON.parse(line) as InspectorRequest;
    const response = "describe" in request
      ? await describeAll(request.describe, loaders)
      : await validateAll(request.validate, loaders);
    console.log(JSON.stringify(response));
  }
}

async function describeAll(
  modules: readonly string[],
  loaders: Readonly<Record<string, Loader>>,
): Promise<InspectorResponse> {
  const interfaces: Record<string, StageInterface | { error: string }> = {};
  for (const module of modules) {
    try {
      interfaces[module] = describe(await definitionOf(module, loaders));
    } catch (error) {
      interfaces[module] = { error: messageOf(error) };
    }
  }
  return { interfaces };
}

async function definitionOf(
  module: string,
  loaders: Readonly<Record<string, Loader>>,
): Promise<StageDefinition> {
  const definition = (await loaders[module]()).default as Partial<StageDefinition> | undefined;
  if (typeof definition?.run !== "function" || !definition.params) {
    throw new Error("the module must export the result of defineStage by default");
  }
  return definition as StageDefinition;
}

function describe(definition: StageDefinition): StageInterface {
  const schema = z.toJSONSchema(definition.params, { io: "input", unrepresentable: "any" });
  return {
    ...interfaceOf(definition),
    params: (schema.properties ?? {}) as Record<string, ParamSchema>,
  };
}

async function validateAll(
  requests: readonly { module: string; params: unknown }[],
  loaders: Readonly<Record<string, Loader>>,
): Promise<InspectorResponse> {
  const results: ValidatedParams[] = [];
  for (const { module, params } of requests) {
    const { params: schema } = await definitionOf(module, loaders);
    results.push(await validated(schema, params));
  }
  return { results };
}

async function validated(schema: z.ZodObject, params: unknown): Promise<ValidatedParams> {
  try {
    const result = await schema.safeParseAsync(params);
    if (result.success) return asPlainJson(result.data);
    return {
      issues: result.error.issues.map(({ path, message }) => ({ path: path.map(String), message })),
    };
  } catch (error) {
    return { issues: [{ path: [], message: `its check failed: ${messageOf(error)}` }] };
  }
}
