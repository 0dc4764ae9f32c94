/**
 * Every stage that computes, on a device that rounds the operands of products to TF32: K-NN of
 * layers, of the history and for pictures, invariance, linear probe, decomposition, fit.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runChild } from "../../lib/base/child.ts";

const program = fileURLToPath(new URL("rounding_device_process.ts", import.meta.url));
const folder = new URL("../../stages/", import.meta.url);

/** What a stage's params demand; all else has defaults. */
const params: Record<string, object> = { "train.ts": { augmentation: "none", epochs: 1 } };

const computing: string[] = [];
for (const { name } of Deno.readDirSync(folder)) {
  const { default: { requires = [] } } = await import(new URL(name, folder).href);
  if (requires.includes("tensorflow")) computing.push(name);
}

Deno.test("the stages that train and measure are among those that compute", () => {
  const measures = ["decomposition", "invariance", "linear_probe", "neighbours", "probe"];
  for (const name of ["train", ...measures]) assert.ok(computing.includes(`${name}.ts`), name);
});

for (const name of computing) {
  Deno.test(`${name} computes nothing on a device that rounds to TF32`, async () => {
    const module = new URL(name, folder).href;
    const args = ["run", "-A", "--quiet", program, module, JSON.stringify(params[name] ?? {})];
    const result = await runChild(Deno.execPath(), args);
    assert.match(result!.stdout, /Cannot measure on CPU: .* must keep the 24 bits of float32/);
  });
}
