/** A check that cannot be done. */
import type { Check } from "../../../../bench/gpu_check/check.ts";

const throws: Check = () => Promise.reject(new Error("Cannot check as nothing is here"));

export default throws;
