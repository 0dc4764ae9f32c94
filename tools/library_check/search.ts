/**
 * Has cases computed in processes that may die of them, and goes on behind those that do.
 *
 * @module
 */
import type { Case } from "./case.ts";
import type { Answer } from "./child.ts";
import type { Run } from "./child_process.ts";
import { TOLERANCE } from "./compare.ts";

/** A case that the library must not be given. */
export interface Finding {
  readonly asked: Case;
  /** What is wrong, e.g. "ended by SIGABRT" or "filter gradient off by 2.1e-1". */
  readonly problem: string;
}

/** What came of a search. */
export interface Outcome {
  readonly computed: number;
  /** Cases that TensorFlow declined. */
  readonly refused: number;
  readonly findings: readonly Finding[];
  /** Whether the allocator noticed what is written behind its blocks. */
  readonly allocatorChecks: boolean;
}

/** Computes cases in a process. */
export type RunCases = (cases: readonly Case[]) => Promise<Run>;

/** Computes all cases, and finds those that end their process or have wrong values. */
export async function search(cases: readonly Case[], run: RunCases): Promise<Outcome> {
  const findings: Finding[] = [];
  let refused = 0;
  let allocatorChecks = true;
  for (let done = 0; done < cases.length;) {
    const left = cases.slice(done);
    const { answers, ending, allocatorChecks: checks } = await run(left);
    findings.push(...wrongValues(left, answers));
    refused += answers.filter((answer) => "refusal" in answer).length;
    allocatorChecks &&= checks;
    done += answers.length;
    if (ending === null) continue;
    // A process that computed all may still die as it closes.
    const upToLast = left.slice(0, answers.length + 1);
    const count = await shortestThatDies(upToLast, run);
    const later = count === 1 ? "" : `, ${count - 1} cases later`;
    findings.push({ asked: upToLast.at(-count)!, problem: ending + later });
    done += upToLast.length - answers.length;
  }
  return { computed: cases.length - refused, refused, findings, allocatorChecks };
}

function wrongValues(cases: readonly Case[], answers: readonly Answer[]): Finding[] {
  return answers.flatMap((answer, i) => {
    if ("refusal" in answer) return [];
    const asked = cases[i];
    const wrong = Object.entries(answer.deviations).filter(([, deviation]) =>
      deviation === null || deviation > TOLERANCE[asked.precision]
    );
    return wrong.map(([result, deviation]) => ({
      asked,
      problem: `${result} off by ${deviation?.toExponential(1) ?? "infinity"}`,
    }));
  });
}

/**
 * The number of cases up to the last that it takes for a process to die: damaged memory may be
 * noticed only when a later case frees it, and the first of these is the one that damaged it.
 */
async function shortestThatDies(cases: readonly Case[], run: RunCases): Promise<number> {
  const dies = async (count: number) => (await run(cases.slice(-count))).ending !== null;
  let [enough, tooFew] = [1, 0];
  while (enough < cases.length && !await dies(enough)) {
    [enough, tooFew] = [Math.min(2 * enough, cases.length), enough];
  }
  while (enough - tooFew > 1) {
    const middle = (enough + tooFew) >> 1;
    if (await dies(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}
