/**
 * What the engine costs where nothing changed: a chain of 100 stages against a bare `deno run`, DVC
 * and Snakemake, and a matrix of 10,000 instances; what planning and hashing cost.
 *
 * @module
 */
import { join } from "node:path";
import { digestFile } from "../lib/base/digest_file.ts";
import { Baseline, type Bench, compare, type Measurement, takeTurns } from "./bench.ts";
import { type BenchProject, chain, matrix } from "./engine_projects.ts";

const CHAIN_LENGTH = 100;
const MATRIX_INSTANCES = 10_000;
/** As many bytes as 80,000 images of CIFAR-10 have. */
const FILE_BYTES = 256 * 1024 * 1024;

export const benches: Bench[] = [
  {
    name: "engine-noop",
    run: ({ rounds }) =>
      withProject(chain(CHAIN_LENGTH), (project) =>
        takeTurns({
          bench: "engine-noop",
          rounds,
          ours: () => project.runMain(),
          theirs: () => project.runEmpty(),
          baseline: `an empty file, deno run ${Deno.version.deno}`,
          note: `a chain of ${CHAIN_LENGTH} stages in which all is fresh; the limit is 6`,
        })),
  },
  tool("dvc", "DVC, dvc repro"),
  tool("snakemake", "Snakemake, snakemake --cores 1"),
  {
    name: "engine-matrix",
    run: ({ rounds }) =>
      withProject(matrix(MATRIX_INSTANCES), (project) =>
        takeTurns({
          bench: "engine-matrix",
          rounds,
          ours: () => project.runMain(),
          theirs: () => project.runEmpty(),
          baseline: `an empty file, deno run ${Deno.version.deno}`,
          note: `${MATRIX_INSTANCES} instances in which all is fresh; the limit is 2000 ms`,
        })),
  },
  { name: "engine-plan", run: ({ rounds }) => measurePlanning(rounds) },
  { name: "hash", run: ({ rounds }) => measureHashing(rounds) },
];

function tool(name: string, absent: string): Bench {
  const bench = `engine-noop/${name}`;
  return {
    name: bench,
    run: ({ rounds }) =>
      withProject(chain(CHAIN_LENGTH), async (project) => {
        const baseline = await Baseline.python(absent, `${name}_chain.py`, [String(CHAIN_LENGTH)]);
        using _ = baseline instanceof Baseline ? baseline : null;
        return [await compare({ bench, rounds, ours: () => project.runMain(), baseline })];
      }),
  };
}

async function withProject(
  project: BenchProject,
  measure: (project: BenchProject) => Promise<Measurement[]>,
): Promise<Measurement[]> {
  using filled = project;
  await filled.fill();
  return await measure(filled);
}

/** Planning ten times as many instances against ten times planning them. */
async function measurePlanning(rounds: number): Promise<Measurement[]> {
  using large = matrix(MATRIX_INSTANCES), small = matrix(MATRIX_INSTANCES / 10);
  return await takeTurns({
    bench: "engine-plan",
    rounds,
    ours: () => large.plan(),
    theirs: async () => 10 * await small.plan(),
    baseline: `ten times the planning of ${MATRIX_INSTANCES / 10} instances`,
    note: `planning ${MATRIX_INSTANCES} instances; linear where the ratio is at most 1`,
  });
}

async function measureHashing(rounds: number): Promise<Measurement[]> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "file");
    await Deno.writeFile(path, new Uint8Array(FILE_BYTES).fill(7));
    const baseline = await Baseline.python("hashlib.sha256", "hash_file.py", [path]);
    using _ = baseline instanceof Baseline ? baseline : null;
    const ours = async () => {
      const start = performance.now();
      await digestFile(path);
      return performance.now() - start;
    };
    return [await compare({ bench: "hash", rounds, ours, baseline, note: "256 MiB" })];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
