import assert from "node:assert/strict";
import { stop as stopEsbuild } from "esbuild";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommandLine } from "../../lib/pipeline/mod.ts";
import { codeOf } from "../pipeline/code/code_of.ts";

const FILE = fileURLToPath(new URL("../../examples/weather/pipeline.yaml", import.meta.url));

/** Runs the example with a store and reports of its own; the repository stays as it is. */
async function run(folder: string, ...args: string[]): Promise<string> {
  let text = "";
  const saved = { log: console.log, error: console.error };
  console.log = (...parts) => void (text += `${parts.join(" ")}\n`);
  console.error = () => {};
  try {
    const places = ["--artifacts", join(folder, "artifacts"), "--reports", join(folder, "reports")];
    // With -S no lock file is written beside the example.
    const status = await runCommandLine(["-S", "days=90", "--file", FILE, ...places, ...args]);
    assert.equal(status, 0, text);
    return text;
  } finally {
    Object.assign(console, saved);
    await stopEsbuild();
  }
}

Deno.test("a stage that imports the engine's public face does not depend on the engine", async () => {
  const folder = join(FILE, "..");
  const { parts } = await codeOf(folder, "stages/smooth.ts");
  await stopEsbuild();
  const modules = Object.keys(parts.modules).sort();
  assert.deepEqual(modules, [
    "../../lib/arrow/schema.ts",
    "../../lib/pipeline/stage/stage.ts",
    "schemas.ts",
    "stages/smooth.ts",
  ]);
});

Deno.test("the engine serves a project that has nothing to do with this one", async () => {
  const folder = Deno.realPathSync(await Deno.makeTempDir());
  try {
    const first = await run(folder);
    const line = (station: string, window: number) =>
      new RegExp(`${station}, mean of ${window} days: -?\\d+\\.\\d to -?\\d+\\.\\d °C`);
    for (const station of ["coast", "mountain"]) {
      for (const window of [7, 30]) assert.match(first, line(station, window));
    }
    assert.match(first, /13 ran, 0 restored, 0 fresh/);
    assert.match(await run(folder), /^everything is fresh: 13 instances/);
    // Only the smoothing of one window, and what gathers it, depends on another window.
    const dry = await run(folder, "-n", "smooth@window=7", "-S", "measure.noise=2");
    assert.match(dry, /run +measure@station=coast,seed=0 +params\.noise 3 -> 2/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
