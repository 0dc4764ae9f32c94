/**
 * Installs the library that suits the machine, as a run does.
 *
 * @module
 */
import { formatSeconds } from "../../../lib/base/format.ts";
import { detectGpus } from "../../../lib/tensorflow/machine/gpu.ts";
import requirement from "../../../lib/tensorflow/requirement.ts";
import { type Check, note } from "../check.ts";

const SAY_EVERY_MS = 5000;

const install: Check = async ({ say }) => {
  const start = performance.now();
  let lastSaid = -Infinity;
  const progress = (fraction: number, text: string) => {
    if (performance.now() - lastSaid < SAY_EVERY_MS) return;
    lastSaid = performance.now();
    say(`${text}, ${Math.round(100 * fraction)} %`);
  };
  const { signal } = new AbortController();
  const { env, gpus, versions, summary } = await requirement.prepare({
    log: say,
    progress,
    signal,
  });
  const isMissed = gpus === 0 && (await detectGpus()).kind === "usable";
  return {
    findings: [
      {
        what: "backend",
        value: summary,
        ...isMissed ? { expected: "the GPU is used" } : {},
        status: isMissed ? "problem" : "ok",
      },
      note("time to find or install it", formatSeconds((performance.now() - start) / 1000)),
    ],
    machine: { env, gpus, versions },
  };
};

export default install;
