/**
 * What `doctor` finds: library, driver, a trial of values and of a small training step.
 *
 * @module
 */
import { homedir } from "node:os";
import { checkMachine } from "../../../lib/tensorflow/doctor/doctor.ts";
import { machine } from "../../../lib/tensorflow/machine/provision.ts";
import { BACKEND_VARIABLE } from "../../../lib/tensorflow/variables.ts";
import type { Check } from "../check.ts";

const doctor: Check = async () => {
  const checks = await checkMachine(Deno.env.get(BACKEND_VARIABLE), machine);
  return {
    findings: checks.map(({ name, status, detail, remedy }) => ({
      what: name,
      // The report is shown to others: a home folder's name is left out.
      value: (remedy === undefined ? detail : `${detail} (${remedy})`).replaceAll(homedir(), "~"),
      status: status === "ok" ? "ok" : status === "warning" ? "note" : "problem",
    })),
  };
};

export default doctor;
