/**
 * Opens the native backend: libtensorflow through FFI, with recorded steps and fused operations.
 *
 * Permissions: `--allow-ffi`, `--allow-read` (the library, npm packages, /proc) and `--allow-env`
 * (TensorFlow's switches are set, TensorFlow.js reads its own).
 *
 * @module
 */
import { cpus } from "node:os";
import { GPU_NAME_VARIABLE } from "../variables.ts";
import { Binding } from "./binding.ts";
import { CApi } from "../c_api/c_api.ts";
import { Context, type ContextOptions } from "../c_api/context.ts";
import { DataType } from "../c_api/data_types.ts";
import { BACKEND_NAME, NativeBackend } from "./backend.ts";
import { replaceKernels } from "./kernels.ts";
import { replaceStridedPointwise } from "./pointwise.ts";
import { NativeOps } from "./ops.ts";
import { OpDefs } from "../c_api/op_def.ts";
import { RecordedStep } from "./recorded_step.ts";
import { StepOptionChecks } from "./step_options.ts";
import { ResourceVariable } from "./resource_variable.ts";
import type { Runtime, RuntimeInfo, Step, StepOptions, Tensor, Variable } from "../runtime.ts";

/** Settings of {@link openNative}. */
export interface NativeOptions extends ContextOptions {
  /** Holds `libtensorflow_cc.so.2` and `libtensorflow_framework.so.2`. */
  readonly folder: string;
  /** See `OpenOptions.mayRoundProducts`. @default {false} */
  readonly mayRoundProducts?: boolean;
}

/**
 * TensorFlow's switches, read when the library is loaded. oneDNN is off by default on CPUs without
 * AVX512, where it makes a ResNet18 twice as fast; level 2 logs errors only. TensorFlow makes the
 * primitives of gradients and of batches above 32 anew at each call unless the last is 0: 4 to 9 % of
 * a small network's step. A ResNet18 takes 1.13 GB either way (batch 32).
 */
const ENVIRONMENT = {
  TF_ENABLE_ONEDNN_OPTS: "1",
  TF_CPP_MIN_LOG_LEVEL: "2",
  TF_MKL_OPTIMIZE_PRIMITIVE_MEMUSE: "0",
};

/**
 * Keeps the operands of products in single precision, whatever the user's environment says. cuBLAS
 * and cuDNN read the first, and 0 overrides what a program allows them (TensorFlow allows TF32);
 * oneDNN reads the second, and TensorFlow's kernels for it the third. They hold for the process:
 * measures are taken while a network trains, and an algorithm that was chosen for a convolution of
 * the training step serves the same convolution of a measure as well.
 */
const SINGLE_PRECISION = {
  NVIDIA_TF32_OVERRIDE: "0",
  ONEDNN_DEFAULT_FPMATH_MODE: "STRICT",
  TF_SET_ONEDNN_FPMATH_MODE: "STRICT",
};

/**
 * Loads TensorFlow and makes it the backend of TensorFlow.js. One runtime may be open at a time.
 *
 * @throws {Error} if the library cannot be loaded, or a runtime is open already.
 * @example
 * ```ts
 * const runtime = await openNative({ folder, threads: 2 });
 * const double = runtime.step("double", (x) => [x.mul(2)]);
 * const [y] = double.run(runtime.tf.tensor1d([1, 2]));
 * ```
 */
export async function openNative(options: NativeOptions): Promise<Runtime> {
  if (isOpen) {
    throw new Error("Cannot open the native backend as it is open already: close it first");
  }
  if (!Number.isInteger(options.threads) || options.threads < 1) {
    throw new RangeError(
      `Cannot open the native backend as 'threads' must be a natural number: current value is ${options.threads}`,
    );
  }
  for (const [name, value] of Object.entries(ENVIRONMENT)) {
    if (Deno.env.get(name) === undefined) Deno.env.set(name, value);
  }
  if (!options.mayRoundProducts) {
    for (const [name, value] of Object.entries(SINGLE_PRECISION)) Deno.env.set(name, value);
  }
  const context = new Context(new CApi(options.folder), options);
  const backend = await NativeBackend.register(new Binding(context));
  replaceKernels(backend);
  if (!context.usesGpu) replaceStridedPointwise(backend.tf);
  isOpen = true;
  return new NativeRuntime(backend, describe(backend, options));
}

/** The kernels of tfjs-node find their backend by its one name. */
let isOpen = false;

class NativeRuntime implements Runtime {
  readonly tf: NativeBackend["tf"];
  readonly ops: NativeOps;
  readonly #variableShapes = new Map<number, readonly number[]>();
  readonly #opDefs: OpDefs;
  readonly #stepOptions: StepOptionChecks;

  constructor(private readonly backend: NativeBackend, readonly info: RuntimeInfo) {
    this.tf = backend.tf;
    this.ops = new NativeOps(backend);
    this.#opDefs = new OpDefs(backend.binding.api);
    this.#stepOptions = new StepOptionChecks(this, (...step) => this.#recordedStep(...step));
  }

  variable(name: string, shape: readonly number[], values: Float32Array): Variable {
    return new ResourceVariable(this.backend, this.#variableShapes, name, shape, values);
  }

  bytes(shape: readonly number[], values: Uint8Array): Tensor {
    const { binding } = this.backend;
    const id = binding.createTensor(shape, DataType.uint8, values);
    return this.backend.tensor({ id, shape: [...shape], dtype: DataType.uint8 });
  }

  step(name: string, body: (...args: Tensor[]) => Tensor[], options: StepOptions = {}): Step {
    // A step that is made inside of a step is a part of it.
    if (this.backend.binding.recorder === null) this.#stepOptions.require(name, options);
    return this.#recordedStep(name, body, options);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  close(): void {
    if (this.backend.binding.context.isClosed) return;
    this.tf.removeBackend(BACKEND_NAME);
    this.backend.binding.close();
    isOpen = false;
  }

  #recordedStep(...[name, body, options]: Parameters<Runtime["step"]>): Step {
    const scope = {
      backend: this.backend,
      opDefs: this.#opDefs,
      variableShapes: this.#variableShapes,
    };
    return new RecordedStep(scope, name, body, options);
  }
}

function describe(
  { binding, tf }: NativeBackend,
  { threads }: NativeOptions,
): RuntimeInfo {
  return {
    backend: "tensorflow",
    device: binding.context.usesGpu ? `GPU: ${gpuName()}` : `CPU: ${cpuName()}`,
    threads,
    versions: { tensorflow: binding.TF_Version, tfjs: tf.version_core },
  };
}

function gpuName(): string {
  return Deno.env.get(GPU_NAME_VARIABLE) ?? "unknown model";
}

/** The processor in the words of its maker; its architecture where the system does not tell. */
function cpuName(): string {
  try {
    return cpus()[0]?.model.trim() || Deno.build.arch;
  } catch {
    return Deno.build.arch;
  }
}
