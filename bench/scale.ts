/**
 * What breaks first as pipelines grow: `deno run -A bench/scale.ts [INSTANCES...] [--disk]`.
 *
 * @module
 */
import { stop as stopEsbuild } from "esbuild";
import { parseArgs } from "node:util";
import { matrix } from "./engine_projects.ts";
import { measurePhases } from "./scale_project.ts";

/** CPU slots, as on a node of a cluster. */
const CPUS = 64;

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: { disk: { type: "boolean", default: false } },
});
console.log("| phase | instances | seconds | ms each | memory |\n| --- | --- | --- | --- | --- |");
for (const size of positionals.length > 0 ? positionals.map(Number) : [1000, 10_000]) {
  using project = matrix(size, values.disk ? "disk" : "memory");
  for await (const { phase, instances, seconds, memoryMb } of measurePhases(project, CPUS)) {
    const each = (1000 * seconds / instances).toFixed(3);
    console.log(`| ${phase} | ${instances} | ${seconds.toFixed(2)} | ${each} | ${memoryMb} MB |`);
  }
}
await stopEsbuild();
