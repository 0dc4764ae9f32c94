/**
 * A training step in tf32.
 *
 * @module
 */
import { stepCheck } from "../step.ts";

export default stepCheck("tf32");
