/**
 * The recorded step: one call of a JavaScript function becomes one TensorFlow function (forward
 * pass, gradients, updates), which later calls run by its name with one FFI call.
 *
 * @module
 */
import { messageOf } from "../../base/message_of.ts";
import { type Attribute, attribute } from "../c_api/attribute.ts";
import type { TensorMetadata } from "./binding.ts";
import { internedCString } from "../c_api/c_api.ts";
import { dataTypeName } from "../c_api/data_types.ts";
import type { Output } from "../c_api/graph.ts";
import type { NativeBackend } from "./backend.ts";
import type { OpDefs } from "../c_api/op_def.ts";
import { GraphRecorder } from "./recorder.ts";
import type { Step, StepOptions, Tensor } from "../runtime.ts";
import { TfVariableGuard } from "./tf_variable_guard.ts";

/** What the steps of a runtime share. */
export interface StepScope {
  readonly backend: NativeBackend;
  readonly opDefs: OpDefs;
  /** Shapes of the resource variables by the ids of their handles. */
  readonly variableShapes: ReadonlyMap<number, readonly number[]>;
}

/** A function that the library knows by name. */
interface RecordedFunction {
  readonly name: string;
  /** Handles of the variables that follow the arguments. */
  readonly resourceIds: readonly number[];
  readonly outputCount: number;
  /** Names it where the library crashes inside of it. */
  readonly words: string;
}

let functionsMade = 0;

/**
 * A `ConfigProto` for the call of a function (tensorflow/core/protobuf): its graph_options (10) {
 * rewrite_options (10) { auto_mixed_precision_onednn_bfloat16 (31): ON } }.
 */
const BFLOAT16_CONFIG = new Uint8Array([0x52, 5, 0x52, 3, 0xf8, 1, 1]);

/** A step that is recorded once for each tuple of argument shapes and types. */
export class RecordedStep implements Step {
  readonly #functions = new Map<string, RecordedFunction>();
  readonly #callAttributes: readonly Attribute[];

  constructor(
    private readonly scope: StepScope,
    private readonly name: string,
    private readonly body: (...args: Tensor[]) => Tensor[],
    private readonly options: StepOptions = {},
  ) {
    this.#callAttributes = options.precision === "bfloat16"
      ? [attribute.bytes("config_proto", BFLOAT16_CONFIG)]
      : [];
  }

  run(...args: Tensor[]): Tensor[] {
    const { binding } = this.scope.backend;
    if (binding.recorder !== null) return this.body(...args); // A step inside a step is a part of it.
    const { name, inputs, outputCount, words } = this.#prepare(args);
    return this.#tensors(
      binding.executeOp(name, this.#callAttributes, inputs, outputCount, words),
    );
  }

  /** As {@link run}, on another thread. Until it ends, nothing else may touch the step's variables. */
  async runAsync(...args: Tensor[]): Promise<Tensor[]> {
    const { binding } = this.scope.backend;
    if (binding.recorder !== null) {
      throw new Error(
        `Cannot run the step ${this.name} later as a step is being recorded: use run`,
      );
    }
    const { name, inputs, outputCount, words } = this.#prepare(args);
    return this.#tensors(
      await binding.executeOpAsync(name, this.#callAttributes, inputs, outputCount, words),
    );
  }

  dispose(): void {
    const { api, context } = this.scope.backend.binding;
    if (context.isClosed) return;
    for (const { name } of this.#functions.values()) {
      api.symbols.TFE_ContextRemoveFunction(context.pointer, internedCString(name), api.status);
      api.check(`remove the recorded step ${name}`);
    }
    this.#functions.clear();
  }

  #prepare(args: readonly Tensor[]) {
    const { backend } = this.scope;
    const ids = backend.ids(args);
    const signature = args.map((arg) => `${dataTypeName(backend.data(arg).dtype)}[${arg.shape}]`)
      .join();
    let recorded = this.#functions.get(signature);
    if (recorded === undefined) {
      recorded = this.#record(args, signature);
      this.#functions.set(signature, recorded);
    }
    return { ...recorded, inputs: [...ids, ...recorded.resourceIds] };
  }

  #tensors(results: readonly TensorMetadata[]): Tensor[] {
    return results.map((metadata) => this.scope.backend.tensor(metadata));
  }

  #record(args: readonly Tensor[], signature: string): RecordedFunction {
    const { backend, opDefs, variableShapes } = this.scope;
    const guard = new TfVariableGuard(backend);
    const recorder = new GraphRecorder(
      backend.binding,
      opDefs,
      variableShapes,
      guard.names,
      this.options.precision ?? "float32",
    );
    try {
      backend.binding.recorder = recorder;
      let outputs: readonly Output[] = [];
      backend.tf.tidy(() => {
        const results = this.body(...args.map((arg) => this.#parameter(recorder, arg)));
        guard.requireUntouched();
        outputs = backend.ids(results).map((id) => recorder.resolve(id));
      });
      const name = `${this.name.replaceAll(/\W/g, "_")}_${functionsMade++}`;
      this.#define(name, recorder, outputs);
      return {
        name,
        resourceIds: recorder.capturedIds,
        outputCount: outputs.length,
        words: this.#inWords(signature),
      };
    } catch (cause) {
      throw new Error(
        `Cannot record the step ${this.name} for ${signature || "no"} arguments: ${
          messageOf(cause)
        }`,
        { cause },
      );
    } finally {
      backend.binding.recorder = null;
      recorder.deleteDeferred(guard.restore());
      recorder.graph.dispose();
    }
  }

  #inWords(signature: string): string {
    const { precision, xla } = this.options;
    const how = [...precision === undefined ? [] : [precision], ...xla ? ["XLA"] : []];
    return `the recorded step ${this.name}(${signature}) ${how.join()}`.trimEnd();
  }

  /** A symbolic tensor in place of an argument. */
  #parameter(recorder: GraphRecorder, arg: Tensor): Tensor {
    const { backend } = this.scope;
    return backend.tensor(recorder.addParameter(backend.data(arg).dtype, arg.shape));
  }

  #define(
    name: string,
    recorder: GraphRecorder,
    outputs: readonly Output[],
  ): void {
    const { api, context } = this.scope.backend.binding;
    const { symbols, status } = api;
    const made = recorder.graph.toFunction(name, recorder.inputs, outputs, recorder.effects);
    try {
      if (this.options.xla) {
        const yes = new Uint8Array([0x28, 1]); // AttrValue { b: true }
        const key = internedCString("_XlaMustCompile");
        symbols.TF_FunctionSetAttrValueProto(made, key, yes, BigInt(yes.length), status);
        api.check(`compile the step ${name} with XLA`);
      }
      symbols.TFE_ContextAddFunction(context.pointer, made, status);
      api.check(`add the recorded step ${name}`);
    } finally {
      symbols.TF_DeleteFunction(made);
    }
  }
}
