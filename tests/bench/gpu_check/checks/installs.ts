/** An installation. */
import type { Check } from "../../../../bench/gpu_check/check.ts";

const installs: Check = () =>
  Promise.resolve({
    findings: [{ what: "backend", value: "a library", status: "ok" }],
    machine: { env: { GPU_CHECK_TEST: "installed" }, gpus: 1, versions: { tensorflow: "2.21.0" } },
  });

export default installs;
