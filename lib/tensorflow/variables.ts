/**
 * The environment variables of this library, by which users choose and the engine tells a stage's
 * process what was chosen.
 *
 * @module
 */

/** Forces a backend: "auto", "tensorflow", "webgpu" or "wasm". */
export const BACKEND_VARIABLE = "BENIGN_BACKEND";

/** Names the folder of a TensorFlow library. */
export const LIBRARY_VARIABLE = "TENSORFLOW_LIBRARY";

/** Names the GPU to a stage's process: Deno guards the driver's files, so the engine asks. */
export const GPU_NAME_VARIABLE = "BENIGN_GPU_NAME";

/** oneDNN's own: the largest instruction set that it may use, e.g. "AVX2". */
export const INSTRUCTION_SET_VARIABLE = "ONEDNN_MAX_CPU_ISA";

/** TensorFlow's own: "0" keeps it from using oneDNN for its operations. */
export const ONEDNN_VARIABLE = "TF_ENABLE_ONEDNN_OPTS";

/** What users may set of the library itself. It changes results by their rounding. */
export const LIBRARY_SETTINGS = [INSTRUCTION_SET_VARIABLE, ONEDNN_VARIABLE] as const;

/** Bounds the share of a GPU's memory that a process takes, in (0, 1], where runs share a GPU. */
export const GPU_MEMORY_VARIABLE = "BENIGN_GPU_MEMORY";
