/**
 * A trial of a backend in a process of its own, which may crash, under an allocator that notices
 * damaged memory.
 *
 * @module
 */
import { lastLine, runChild } from "../../base/child.ts";
import { LAST_WORDS_VARIABLE, readLastWords } from "../../base/last_words.ts";
import type { Backend } from "../machine/backend.ts";
import { CHECKING_ALLOCATOR } from "../machine/checking_allocator.ts";
import type { RuntimeInfo } from "../runtime.ts";
import { BACKEND_VARIABLE, LIBRARY_VARIABLE } from "../variables.ts";
import type { StepTime } from "./benchmark_step.ts";
import type { Agreement } from "./reference_network.ts";

/** Whether steps may use something, and if not, why. */
export interface Capability {
  readonly refusal: string | null;
}

/** What a trial finds, in this order. */
export interface Findings {
  readonly info: RuntimeInfo;
  /** Whether the process would have died of writes behind a block of memory. */
  readonly memoryIsChecked: boolean;
  readonly agreement: Agreement;
  readonly time: StepTime;
  readonly bfloat16: Capability;
  readonly xla: Capability;
}

/** How far a trial came. */
export interface Trial {
  readonly findings: Partial<Findings>;
  /** What ended it early, in words; null if it came to its end. */
  readonly ending: string | null;
}

const TIMEOUT_MS = 120_000;

/** Tries a backend. */
export async function tryInChild(backend: Backend): Promise<Trial> {
  const program = new URL("./worker.ts", import.meta.url).href;
  const lastWords = await Deno.makeTempFile();
  try {
    const result = await runChild(Deno.execPath(), ["run", "-A", "--quiet", program], {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      env: { ...environmentOf(backend), [LAST_WORDS_VARIABLE]: lastWords },
    });
    const { success, signal, stdout = "", stderr = "" } = result ?? {};
    const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
    const findings = Object.assign({}, ...lines.map(parseFindings));
    if (success) return { findings, ending: null };
    const how = signal ? `ended by ${signal}` : lastLine(stderr) || "ended without a word";
    return { findings, ending: [how, ...readLastWords(lastWords)].join("; ") };
  } finally {
    await Deno.remove(lastWords);
  }
}

/** JSON has no NaN and writes null, which nothing but a refusal may be. */
function parseFindings(line: string): Partial<Findings> {
  return JSON.parse(line, (key, value) => value === null && key !== "refusal" ? NaN : value);
}

function environmentOf(backend: Backend): Record<string, string> {
  const chosen = { [BACKEND_VARIABLE]: backend.name };
  if (backend.name !== "tensorflow") return chosen;
  const library = { ...chosen, [LIBRARY_VARIABLE]: backend.library.folder };
  // What a GPU's driver does with memory is not ours to check.
  return backend.gpus.length > 0 ? library : { ...library, ...CHECKING_ALLOCATOR };
}
