/**
 * The backend of `@tensorflow/tfjs-node-gpu` over our binding: the package's JavaScript without its
 * native addon.
 *
 * @module
 */
import nodeUtil from "node:util";
import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";
import type { Attribute } from "../c_api/attribute.ts";
import type { Binding, TensorMetadata } from "./binding.ts";
import type { Tensor, Tfjs } from "../runtime.ts";

/** The name under which the package's kernels are registered, and look their backend up. */
export const BACKEND_NAME = "tensorflow";

/** What the backend keeps of a tensor. `id` is -1 while the values are still to be uploaded. */
interface TensorData {
  id: number;
  readonly dtype: number;
  readonly shape: number[];
}

/** The parts of the package's `NodeJSKernelBackend` that are used here (some are private there). */
interface NodeBackend extends KernelBackend {
  readonly tensorMap: { get(dataId: object): TensorData };
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  createOutputTensor(metadata: TensorMetadata): Tensor;
}

/** Runs TensorFlow's own operations on tensors of TensorFlow.js. */
export class NativeBackend {
  private constructor(
    readonly tf: Tfjs,
    readonly binding: Binding,
    private readonly backend: NodeBackend,
  ) {}

  /** Registers the package's kernels and makes the backend current. */
  static async register(binding: Binding): Promise<NativeBackend> {
    restoreNodeUtilities();
    const { default: tf } = await import("@tensorflow/tfjs-core") as unknown as { default: Tfjs };
    const kernels = await import("@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js");
    const { NodeJSKernelBackend } = kernels.default as unknown as {
      NodeJSKernelBackend: new (binding: Binding, packageName: string) => NodeBackend;
    };
    await import("@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js");
    const backend = new NodeJSKernelBackend(binding, "@tensorflow/tfjs-node");
    tf.registerBackend(BACKEND_NAME, () => backend);
    await tf.setBackend(BACKEND_NAME);
    await tf.ready();
    return new NativeBackend(tf, binding, backend);
  }

  /** Runs an operation that has one result. */
  run(name: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor {
    return this.runAll(name, attributes, inputs, 1)[0];
  }

  /** Runs an operation, and returns its first `outputCount` results. */
  runAll(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly Tensor[],
    outputCount: number,
  ): Tensor[] {
    const results = this.binding.executeOp(name, attributes, this.ids(inputs), outputCount);
    return results.map((metadata) => this.tensor(metadata));
  }

  /** The binding's ids of tensors; uploads those whose values are still in JavaScript. */
  ids(tensors: readonly Tensor[]): number[] {
    return this.backend.getInputTensorIds(tensors);
  }

  /** A tensor of a result; the tensor owns the handle. */
  tensor(metadata: TensorMetadata): Tensor {
    return this.backend.createOutputTensor(metadata);
  }

  /** What the backend keeps of a tensor: TensorFlow's type (uint8 images are int32 to tfjs) and id. */
  data(tensor: Tensor): TensorData {
    return this.backend.tensorMap.get(tensor.dataId);
  }
}

/** tfjs-node 4.22 calls two functions of `node:util` that Node 23 and Deno no longer have. */
function restoreNodeUtilities(): void {
  const util = nodeUtil as unknown as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
