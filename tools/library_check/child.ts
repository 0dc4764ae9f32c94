/**
 * The program in which cases are computed: it may die. It reads a {@link Task} as JSON from stdin
 * and prints an {@link Answer} as a line of JSON for each case as soon as that is computed; the case
 * behind the last answer is the one that it died of. A first line says whether its allocator checks
 * what it frees.
 *
 * @module
 */
import { TensorFlowError } from "../../lib/tensorflow/c_api/c_api.ts";
import { allocatorChecks } from "../../lib/tensorflow/machine/checking_allocator.ts";
import { openNative } from "../../lib/tensorflow/native/runtime.ts";
import { type Case, RESULTS } from "./case.ts";
import { deviation } from "./compare.ts";
import { compute, type Computer } from "./computer.ts";
import { LibraryComputer } from "./library_computer.ts";
import { NetworkComputer } from "./network_computer.ts";

/** Who computes: the library's own operations, or those of the networks, at once or recorded. */
export type Way = "library" | "eager" | "recorded";

/** What a child has to do. */
export interface Task {
  /** Holds the TensorFlow library. */
  readonly folder: string;
  readonly way: Way;
  readonly threads: number;
  readonly cases: readonly Case[];
}

/** What came of a case. */
export type Answer =
  /** By how much each result is off, relative to the size of its sums; null for no number at all. */
  | { readonly deviations: Readonly<Record<string, number | null>> }
  /** TensorFlow says that it cannot, such as compute in bfloat16 where the processor does not. */
  | { readonly refusal: string };

/** The first line that a child prints. */
export interface Greeting {
  readonly allocatorChecks: boolean;
}

async function openComputer({ way, folder, threads }: Task): Promise<Computer> {
  if (way === "library") return new LibraryComputer(folder, threads);
  return new NetworkComputer(await openNative({ folder, threads }), way === "recorded");
}

function answer(computer: Computer, asked: Case): Answer {
  const names = RESULTS[asked.operation];
  try {
    const deviations = compute(computer, asked).map(({ result, reference }, i) =>
      [names[i], deviation(result, reference)] as const
    );
    return { deviations: Object.fromEntries(deviations) };
  } catch (error) {
    if (error instanceof TensorFlowError) return { refusal: error.message };
    throw error;
  }
}

if (import.meta.main) {
  const task: Task = await new Response(Deno.stdin.readable).json();
  const computer = await openComputer(task);
  console.log(JSON.stringify({ allocatorChecks: allocatorChecks() } satisfies Greeting));
  for (const asked of task.cases) console.log(JSON.stringify(answer(computer, asked)));
  computer.close();
  Deno.exit(0);
}
