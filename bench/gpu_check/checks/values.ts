/**
 * Values and gradients against references: the tests that compare networks and operations with
 * PyTorch's values, on this device.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { runChild } from "../../../lib/base/child.ts";
import { tallyOf } from "../../../tests/runner/tally.ts";
import type { Check, Finding } from "../check.ts";

/** Networks: outputs, losses, gradients, ten steps of each optimiser. Operations with gradients. */
const FILES = ["nn/training/parity_native_test.ts", "tensorflow/native/ops_test.ts"];

const values: Check = async ({ say }) => {
  const findings: Finding[] = [];
  for (const file of FILES) {
    say(`tests/${file}`);
    findings.push(await findingOf(file));
  }
  return { findings };
};

async function findingOf(file: string): Promise<Finding> {
  const path = fileURLToPath(new URL(`../../../tests/${file}`, import.meta.url));
  const result = await runChild(Deno.execPath(), ["test", "-A", "--no-check", path]);
  const { success, signal, stdout, stderr } = result!;
  const { passed, failed, running } = tallyOf(stdout);
  const words = [
    signal === null ? "" : `ended by ${signal} in "${running}"`,
    success ? "" : firstError(stdout + stderr),
  ].filter((word) => word !== "");
  return {
    what: `tests/${file}`,
    value: [`${passed} passed, ${failed} failed`, ...words].join("; "),
    expected: "all pass",
    status: success && passed > 0 ? "ok" : "problem",
  };
}

function firstError(output: string): string {
  return /^error: .*/m.exec(stripVTControlCharacters(output))?.[0] ?? "";
}

export default values;
