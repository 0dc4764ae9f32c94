/**
 * Kernels of tfjs-node that need another form here.
 *
 * @module
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { attribute } from "../c_api/attribute.ts";
import { BACKEND_NAME, type NativeBackend } from "./backend.ts";
import type { Tensor } from "../runtime.ts";

/** Replaces kernels of the package in a backend that was just registered. */
export function replaceKernels(backend: NativeBackend): void {
  const { tf } = backend;
  const replace = (
    kernelName: string,
    run: (inputs: Record<string, Tensor>, attrs: Record<string, unknown>) => TensorInfo,
  ) => {
    tf.unregisterKernel(kernelName, BACKEND_NAME);
    tf.registerKernel({
      kernelName,
      backendName: BACKEND_NAME,
      kernelFunc: ({ inputs, attrs }) =>
        run(inputs as Record<string, Tensor>, attrs as Record<string, unknown>),
    });
  };
  // TensorFlow 2.21 rounds int32 to zero.
  replace("Round", ({ x }) => {
    if (x.dtype === "int32") return tf.clone(x);
    return backend.run("Round", [attribute.type("T", backend.data(x).dtype)], [x]);
  });
  // The package's kernel reads the indices back to check them, which a recorded step cannot.
  replace("GatherV2", ({ x, indices }, { axis, batchDims }) => {
    tf.backend_util.segment_util.collectGatherOpShapeInfo(
      x,
      indices,
      axis as number,
      batchDims as number,
    );
    const axisTensor = tf.scalar(axis as number, "int32");
    const types = [["Tparams", x], ["Tindices", indices], ["Taxis", axisTensor]] as const;
    const attributes = types.map(([name, tensor]) =>
      attribute.type(name, backend.data(tensor).dtype)
    );
    const count = attribute.int("batch_dims", batchDims as number);
    const result = backend.run("GatherV2", [count, ...attributes], [x, indices, axisTensor]);
    axisTensor.dispose();
    return result;
  });
}
