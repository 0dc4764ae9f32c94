/**
 * The values of variables as plain data, to be kept in files and given back.
 *
 * @module
 */
import type { Variable } from "../../tensorflow/runtime.ts";

/** The value of one variable. */
export interface StateEntry {
  readonly name: string;
  readonly shape: readonly number[];
  /** In row-major order. */
  readonly values: Float32Array;
}

/** Copies the values of variables to the host. */
export function captureState(variables: readonly Variable[]): Promise<StateEntry[]> {
  return Promise.all(
    variables.map(async (variable) => ({
      name: variable.name,
      shape: [...variable.shape],
      values: await variable.data(),
    })),
  );
}

/**
 * Gives variables the values of entries. Nothing is changed unless all of them fit.
 *
 * @throws {Error} if names or shapes differ; the message lists the differences.
 */
export function restoreState(
  variables: readonly Variable[],
  entries: readonly StateEntry[],
): void {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const differences = stateDifferences(variables, byName);
  if (differences.length > 0) {
    const shown = differences.slice(0, 10).join("; ");
    const rest = differences.length > 10 ? `; and ${differences.length - 10} more` : "";
    throw new Error(
      `Cannot restore a checkpoint as it must belong to the same configuration: ${shown}${rest}. ` +
        `Start anew, or give the configuration with which the checkpoint was made`,
    );
  }
  for (const variable of variables) variable.set(byName.get(variable.name)!.values);
}

/**
 * Asserts that two descriptions of a run agree.
 *
 * @throws {Error} if they do not; the message lists the differences.
 */
export function assertSameIdentity(
  ours: Readonly<Record<string, string>>,
  theirs: Readonly<Record<string, string>>,
): void {
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  const differences = [...names].filter((name) => ours[name] !== theirs[name]).map((name) =>
    `${name} was ${theirs[name] ?? "absent"} and is ${ours[name] ?? "absent"}`
  );
  if (differences.length > 0) {
    throw new Error(
      `Cannot resume as the checkpoint must belong to the same configuration: ` +
        `${differences.join("; ")}. Start anew, or give the former values`,
    );
  }
}

function stateDifferences(
  variables: readonly Variable[],
  entries: ReadonlyMap<string, StateEntry>,
): string[] {
  const names = new Set(variables.map((variable) => variable.name));
  const unknown = [...entries.keys()].filter((name) => !names.has(name));
  return [
    ...variables.flatMap(({ name, shape }) => {
      const entry = entries.get(name);
      if (!entry) return [`${name} is missing`];
      const same = entry.shape.join() === shape.join();
      return same ? [] : [`${name} has shape [${entry.shape}] where [${shape}] is needed`];
    }),
    ...unknown.map((name) => `${name} is unknown`),
  ];
}
