/** A check that finds a value which should be another. */
import { atMost, type Check } from "../../../../bench/gpu_check/check.ts";

const findsAProblem: Check = () => Promise.resolve({ findings: [atMost("error", 0.5, 0.1)] });

export default findsAProblem;
