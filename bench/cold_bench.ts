/**
 * What the engine costs where everything executes and there is nothing to do: a process for each of
 * 100 instances, with its permissions, its key, its tables and its manifest, against make with a
 * process for each of 100 targets.
 *
 * @module
 */
import { Baseline, type Bench, compare, type Measurement, takeTurns } from "./bench.ts";
import { type BenchProject, chain, matrix } from "./engine_projects.ts";
import { describe, MakeProject, type Program } from "./make_project.ts";

const INSTANCES = 100;

/** A graph of instances, as a project and as make's targets. */
interface Shape {
  readonly note: string;
  readonly jobs: number;
  readonly project: () => BenchProject;
  readonly inputs: readonly (number | null)[];
}

const PAIRS: Shape = {
  note: `${INSTANCES / 2} pairs of instances, -j 2`,
  jobs: 2,
  // Deno grants no reading below /dev, where memory has its file system.
  project: () => matrix(INSTANCES, "disk"),
  inputs: Array.from({ length: INSTANCES }, (_, i) => i % 2 === 0 ? null : i - 1),
};

const CHAIN: Shape = {
  note: `a chain of ${INSTANCES} stages, each in a module of its own`,
  jobs: 1,
  project: () => chain(INSTANCES, "disk"),
  inputs: Array.from({ length: INSTANCES }, (_, i) => i === 0 ? null : i - 1),
};

export const benches: Bench[] = [
  against("engine-cold", PAIRS, "node"),
  against("engine-cold/deno", PAIRS, "deno"),
  against("engine-cold/chain", CHAIN, "node"),
  against("engine-cold/chain-deno", CHAIN, "deno"),
  tool("snakemake", "Snakemake, snakemake --cores 1"),
  tool("dvc", "DVC, dvc repro"),
];

function against(bench: string, shape: Shape, program: Program): Bench {
  return {
    name: bench,
    async run({ rounds }): Promise<Measurement[]> {
      using project = shape.project();
      using make = new MakeProject(program, shape.inputs);
      const found = await describe(program);
      const ours = () => project.runCold(INSTANCES, shape.jobs);
      const { note } = shape;
      if ("absent" in found) {
        const baseline = { absent: `make with ${program}`, reason: found.absent };
        return [await compare({ bench, rounds, ours, baseline, note })];
      }
      const theirs = () => make.run(shape.jobs);
      return await takeTurns({ bench, rounds, ours, theirs, baseline: found.text, note });
    },
  };
}

function tool(name: string, absent: string): Bench {
  const bench = `engine-cold/${name}`;
  return {
    name: bench,
    async run({ rounds }): Promise<Measurement[]> {
      using project = CHAIN.project();
      const args = [String(INSTANCES), "cold"];
      const baseline = await Baseline.python(absent, `${name}_chain.py`, args);
      using _ = baseline instanceof Baseline ? baseline : null;
      const ours = () => project.runCold(INSTANCES, CHAIN.jobs);
      return [await compare({ bench, rounds, ours, baseline, note: CHAIN.note })];
    },
  };
}
