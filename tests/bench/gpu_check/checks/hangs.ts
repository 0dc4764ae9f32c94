/** A check that never ends. */
import type { Check } from "../../../../bench/gpu_check/check.ts";

const hangs: Check = () => new Promise(() => setTimeout(() => {}, 600_000));

export default hangs;
