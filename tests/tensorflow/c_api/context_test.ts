import assert from "node:assert/strict";
import { configProto } from "../../../lib/tensorflow/c_api/context.ts";

// From Python's TensorFlow 2.21.0:
// ConfigProto(intra_op_parallelism_threads=200, inter_op_parallelism_threads=1,
//   gpu_options=GPUOptions(allow_growth=True, per_process_gpu_memory_fraction=SHARE))
//   .SerializeToString().hex()
const WITHOUT_SHARE = "10c801280132022001";
const WITH_A_QUARTER = "10c8012801320b09000000000000d03f2001";

Deno.test("a context's configuration is encoded as TensorFlow encodes it", () => {
  assert.equal(configProto({ threads: 200 }).toHex(), WITHOUT_SHARE);
  assert.equal(configProto({ threads: 200, gpuMemoryShare: 0.25 }).toHex(), WITH_A_QUARTER);
});
