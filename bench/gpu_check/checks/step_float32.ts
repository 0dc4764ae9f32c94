/**
 * A training step in float32.
 *
 * @module
 */
import { stepCheck } from "../step.ts";

export default stepCheck("float32");
