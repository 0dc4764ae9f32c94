/** Machines to choose a backend on. */
import type { Candidates } from "../../lib/tensorflow/machine/backend.ts";
import type { Gpu } from "../../lib/tensorflow/machine/gpu.ts";
import type { Library } from "../../lib/tensorflow/install/library.ts";

/** A GPU that TensorFlow can use. */
export const A100: Gpu = {
  name: "NVIDIA A100",
  driver: "550.54.15",
  memoryMiB: 40960,
  computeCapability: 8,
};

/** A library as `installLibrary` leaves it. */
export const CPU_LIBRARY: Library = {
  folder: "/cache/tensorflow",
  version: "2.21.0",
  gpu: false,
  origin: "cache",
};

/** A machine without library, GPU and adapter. */
export const NOTHING: Candidates = {
  library: null,
  libraryProblem: "",
  gpu: { kind: "none" },
  adapter: null,
};
