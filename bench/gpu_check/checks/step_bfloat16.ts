/**
 * A training step in bfloat16.
 *
 * @module
 */
import { stepCheck } from "../step.ts";

export default stepCheck("bfloat16");
