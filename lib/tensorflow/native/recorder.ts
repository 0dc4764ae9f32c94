/**
 * The graph recorder: while it is set on the binding, operations become nodes of a graph instead
 * of running. Tensors made meanwhile have symbolic ids below -1, which the backend never frees.
 *
 * @module
 */
import { type Attribute, graphAttributeSetter, type SetAttribute } from "../c_api/attribute.ts";
import type { Binding, OperationRecorder, TensorMetadata } from "./binding.ts";
import { type Pointer } from "../c_api/c_api.ts";
import { DataType } from "../c_api/data_types.ts";
import { FrozenConstants } from "./frozen_constants.ts";
import { Graph, type Output, outputOf, packOutputs } from "../c_api/graph.ts";
import type { OpDef, OpDefs } from "../c_api/op_def.ts";
import type { StepOptions } from "../runtime.ts";

/** Operations with an output of unknown shape that only their own gradient operation reads. */
const OPAQUE_OUTPUTS: ReadonlySet<string> = new Set(["FusedBatchNormV3"]);

/** What a recorder must know of the world outside: the shapes of resource variables, by handle id. */
export type VariableShapes = ReadonlyMap<number, readonly number[]>;

/** Records one call of a step. */
export class GraphRecorder implements OperationRecorder {
  readonly graph: Graph;
  /** Ids of the resource handles that the step uses, in the order of the function's inputs. */
  readonly capturedIds: number[] = [];
  readonly #captured: Output[] = [];
  readonly #parameters: Output[] = [];
  readonly #symbols: Output[] = [];
  /** The node of a real handle: a captured resource or a constant. */
  readonly #known = new Map<number, Output>();
  readonly #resources = new Map<Output, Resource>();
  readonly #toDelete = new Set<number>();
  readonly #constants: FrozenConstants;
  readonly #setAttribute: SetAttribute;
  #lastEffect: Pointer = null;

  constructor(
    private readonly binding: Binding,
    private readonly opDefs: OpDefs,
    private readonly variableShapes: VariableShapes,
    private readonly forbiddenIds: ReadonlyMap<number, string>,
    readonly precision: NonNullable<StepOptions["precision"]>,
  ) {
    this.graph = new Graph(binding.api);
    this.#constants = new FrozenConstants(binding, this.graph);
    this.#setAttribute = graphAttributeSetter(binding.api);
  }

  /** Adds an argument to the function. */
  addParameter(type: number, shape: readonly number[]): TensorMetadata {
    const parameter = this.graph.placeholder(type, shape);
    this.#parameters.push(parameter);
    return this.#addSymbol("an argument", parameter);
  }

  /** The inputs of the function: its arguments, then the resources. */
  get inputs(): Output[] {
    return [...this.#parameters, ...this.#captured];
  }

  /** The last operation on every resource, and the last one with another effect. */
  get effects(): Pointer[] {
    const last = [...this.#resources.values()].map(({ lastUse }) => lastUse);
    return [...new Set([...last, this.#lastEffect])].filter((operation) => operation !== null);
  }

  deleteLater(id: number): void {
    this.#toDelete.add(id);
  }

  /** Deletes the handles that were let go while recording, but those that are `kept`. */
  deleteDeferred(kept: ReadonlySet<number>): void {
    for (const id of this.#toDelete) if (!kept.has(id)) this.binding.deleteTensor(id);
    this.#toDelete.clear();
  }

  /** The graph's output for a tensor id. */
  resolve(id: number): Output {
    if (id < -1) return this.#symbols[-id - 2];
    let output = this.#known.get(id);
    if (output === undefined) this.#known.set(id, output = this.#capture(id));
    return output;
  }

  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    const definition = this.opDefs.get(this.graph.pointer, name);
    const args = inputs.map((id) => this.resolve(id));
    const resources = this.#resourcesAmong(args);
    const operation = this.graph.add(name, (description) => {
      this.#addInputs(description, definition, attributes, args);
      this.#addAttributes(description, definition, attributes);
      this.#orderAfter(description, definition, resources);
    });
    for (const resource of resources) resource.lastUse = operation;
    if (definition.isStateful && resources.length === 0) this.#lastEffect = operation;
    const count = this.binding.api.symbols.TF_OperationNumOutputs(operation);
    if (name === "ReadVariableOp") this.graph.setShape(outputOf(operation, 0), resources[0].shape);
    return Array.from(
      { length: Math.min(outputCount, count) },
      (_, index) => this.#addSymbol(name, outputOf(operation, index)),
    );
  }

  #resourcesAmong(args: readonly Output[]): Resource[] {
    return args.flatMap((output) => this.#resources.get(output) ?? []);
  }

  /** Operations on one resource keep the order in which they were called; so do other effects. */
  #orderAfter(description: Pointer, { isStateful }: OpDef, resources: readonly Resource[]): void {
    const { symbols } = this.binding.api;
    const before = resources.length > 0
      ? resources.map(({ lastUse }) => lastUse)
      : isStateful
      ? [this.#lastEffect]
      : [];
    for (const operation of before) {
      if (operation !== null) symbols.TF_AddControlInput(description, operation);
    }
  }

  #addInputs(
    description: Pointer,
    { inputs }: OpDef,
    attributes: readonly Attribute[],
    args: readonly Output[],
  ): void {
    const { symbols } = this.binding.api;
    let next = 0;
    inputs.forEach(({ isList, countAttribute }, index) => {
      if (!isList) return symbols.TF_AddInput(description, args[next++].bytes);
      const given = attributes.find(({ name }) => name === countAttribute)?.value;
      const count = given === undefined
        ? args.length - next - (inputs.length - 1 - index)
        : Number(given);
      symbols.TF_AddInputList(description, packOutputs(args.slice(next, next + count)), count);
      next += count;
    });
  }

  /** Sets what the operation knows and what TensorFlow does not infer from the inputs. */
  #addAttributes(description: Pointer, definition: OpDef, attributes: readonly Attribute[]): void {
    const inferred = new Set(definition.inputs.map(({ countAttribute }) => countAttribute));
    for (const attribute of attributes) {
      if (!definition.attributes.has(attribute.name) || inferred.has(attribute.name)) continue;
      this.#setAttribute(description, attribute);
    }
  }

  #addSymbol(name: string, output: Output): TensorMetadata {
    const shape = this.graph.shapeOf(output);
    this.#symbols.push(output);
    const result = { id: -this.#symbols.length - 1, dtype: this.graph.typeOf(output) };
    if (shape !== null && !shape.includes(-1)) return { ...result, shape };
    if (OPAQUE_OUTPUTS.has(name)) return { ...result, shape: [0] };
    throw new Error(
      `Cannot record ${name} in a step as the shape of its result depends on values: ` +
        `current shape is ${shape === null ? "unknown" : `[${shape}]`}`,
    );
  }

  #capture(id: number): Output {
    const variable = this.forbiddenIds.get(id);
    if (variable !== undefined) {
      throw new Error(
        `Cannot record a step that reads the tf.Variable ${variable} as its value would be frozen: ` +
          "use runtime.variable, or pass the value as an argument",
      );
    }
    const shape = this.variableShapes.get(id);
    return shape === undefined ? this.#constants.of(id) : this.#captureResource(id, shape);
  }

  #captureResource(id: number, shape: readonly number[]): Output {
    const output = this.graph.placeholder(DataType.resource, []);
    this.capturedIds.push(id);
    this.#captured.push(output);
    this.#resources.set(output, { shape, lastUse: null });
    return output;
  }
}

/** A resource variable that the step uses, and the last operation on it so far. */
interface Resource {
  readonly shape: readonly number[];
  lastUse: Pointer;
}
