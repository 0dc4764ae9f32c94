/**
 * Opens the backends that need nothing but npm packages: WASM everywhere, WebGPU where Deno finds
 * a graphics adapter. Steps run as they stand.
 *
 * Permissions: `--allow-read` on the npm package of the WASM backend (see
 * {@link wasmBinaryFolder}); `--allow-sys=cpus` to name the processor, which is optional. WebGPU
 * needs none.
 *
 * @module
 */
import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import * as tf from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { PortableOps } from "./ops.ts";
import { wasmBinaryFolder } from "./paths.ts";
import { type DeviceCheck, PortableVariable } from "./variable.ts";
import type {
  Runtime,
  RuntimeInfo,
  Step,
  StepOptions,
  Tensor,
  Tfjs,
  Variable,
} from "../runtime.ts";
import { registerWasmKernels } from "./wasm_kernels.ts";
import { findWebGpuAdapter, watchDevice } from "./webgpu.ts";

/** The backends that {@link openPortable} opens. */
export type PortableBackend = "webgpu" | "wasm";

/**
 * Opens WebGPU or WASM and makes it the backend of TensorFlow.js.
 *
 * @throws {Error} if the backend cannot be started here.
 */
export async function openPortable(backend: PortableBackend): Promise<Runtime> {
  // The package as a whole registers the gradients with the core that everything else imports.
  await import("@tensorflow/tfjs");
  return backend === "wasm" ? await openWasm() : await openWebGpu();
}

async function openWasm(): Promise<Runtime> {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(`${wasmBinaryFolder()}/`);
  await start("wasm");
  registerWasmKernels(tf);
  return new PortableRuntime(tf, {
    backend: "wasm",
    device: `CPU: ${processorName()}`,
    threads: 1,
    versions: { tfjs: tf.version_core },
  });
}

async function openWebGpu(): Promise<Runtime> {
  const adapter = await findWebGpuAdapter();
  if (adapter === null) {
    throw new Error(
      "Cannot open the webgpu backend as Deno must find a graphics adapter: current value is none. " +
        "Install a Vulkan driver (Linux) or use another backend.",
    );
  }
  await import("@tensorflow/tfjs-backend-webgpu");
  await start("webgpu");
  const { device } = tf.backend() as WebGPUBackend;
  return new PortableRuntime(tf, {
    backend: "webgpu",
    device: `${adapter.isSoftware ? "CPU" : "GPU"}: ${adapter.description}`,
    threads: 1,
    versions: { tfjs: tf.version_core },
  }, watchDevice(device));
}

async function start(backend: PortableBackend): Promise<void> {
  if (await tf.setBackend(backend)) return;
  throw new Error(`Cannot open the ${backend} backend as it must start here: it did not`);
}

function processorName(): string {
  try {
    return cpus()[0]?.model.trim() || Deno.build.arch;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return Deno.build.arch;
    throw error;
  }
}

/** A {@link Runtime} on any backend of TensorFlow.js that is set and ready. */
export class PortableRuntime implements Runtime {
  readonly ops: PortableOps;

  constructor(
    readonly tf: Tfjs,
    readonly info: RuntimeInfo,
    private readonly checkDevice: DeviceCheck = () => {},
  ) {
    this.ops = new PortableOps(tf);
  }

  variable(name: string, shape: readonly number[], values: Float32Array): Variable {
    return new PortableVariable(
      { tf: this.tf, checkDevice: this.checkDevice },
      name,
      shape,
      values,
    );
  }

  /** As int32: TensorFlow.js has no bytes. */
  bytes(shape: readonly number[], values: Uint8Array): Tensor {
    return this.tf.tensor(Int32Array.from(values), [...shape], "int32");
  }

  step(
    name: string,
    body: (...args: Tensor[]) => Tensor[],
    { precision, xla }: StepOptions = {},
  ): Step {
    if (precision === "bfloat16" || xla) {
      throw new Error(
        `Cannot run the step ${name} ${
          xla ? "compiled by XLA" : "in bfloat16"
        } as the backend must ` +
          `be tensorflow: current value is ${this.info.backend}. ` +
          "Set `precision: float32` and `xla: false`",
      );
    }
    const run = (...args: Tensor[]): Tensor[] => {
      this.checkDevice();
      return this.tf.tidy(name, () => body(...args));
    };
    return {
      run,
      runAsync: async (...args) => {
        // WASM computes on this very thread: timers and messages get their turn between steps.
        await delay(0);
        return run(...args);
      },
      dispose: () => {},
    };
  }

  [Symbol.dispose](): void {
    this.close();
  }

  close(): void {
    this.tf.removeBackend(this.tf.getBackend());
  }
}
