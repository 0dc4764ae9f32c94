import assert from "node:assert/strict";
import { stop as stopEsbuild } from "esbuild";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TableFile } from "../../../lib/arrow/reader.ts";
import { defineSchema, float64 } from "../../../lib/arrow/schema.ts";
import { InProcessEngine } from "./in_process.ts";
import { type Edition, filesOf, meaningOf, Oracle } from "./property_model.ts";
import { STAGE_IMPORTS } from "../rig.ts";

const ROUNDS = 150;
const SEED = 4;
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const FIRST: Edition = {
  count: 2,
  prefix: "a",
  offset: 0,
  parts: [["p", 2], ["q", 3]],
  seeds: [0, 1],
  title: null,
  scale: { plus: 0, form: "x * factor" },
  suffix: "!",
  noise: {
    comment: "first",
    unused: 0,
    packageImported: false,
    locationName: "offset.txt",
    writesDefault: false,
    checkout: 0,
  },
};

/** Numbers in [0, 1) from a seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A random edit; few values each, so that earlier editions come back. */
function edit(edition: Edition, random: () => number): Edition {
  const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)];
  const noise = (change: Partial<Edition["noise"]>) => ({ noise: { ...edition.noise, ...change } });
  const edits: (() => Partial<Edition>)[] = [
    () => ({ count: pick(2, 3) }),
    () => ({ prefix: pick("a", "b") }),
    () => ({ offset: pick(0, 5) }),
    () => ({ seeds: pick([0], [0, 1], [1, 0], [0, 1, 2]) }),
    () => ({
      parts: pick([["p", 2]], [["p", 2], ["q", 2]], [["p", 3], ["q", 2]], [["q", 3], ["r", 4]]),
    }),
    () => ({ title: pick(null, "Sums", "Totals") }),
    () => ({ scale: { plus: pick(0, 1), form: pick("x * factor", "factor * x") } }),
    () => ({ suffix: pick("!", "?") }),
    () => noise({ comment: `comment ${Math.floor(random() * 1000)}` }),
    () => noise({ unused: Math.floor(random() * 1000) }),
    () => noise({ packageImported: random() < 0.5 }),
    () => noise({ locationName: pick("offset.txt", "other.txt") }),
    () => noise({ writesDefault: random() < 0.5 }),
    () => noise({ checkout: edition.noise.checkout + 1 }),
  ];
  return { ...edition, ...pick(...edits)() };
}

/** Writes an edition into a checkout of its own where it was moved. */
function checkOut(folder: string, edition: Edition): string {
  const checkout = join(folder, `checkout-${edition.noise.checkout}`);
  Deno.mkdirSync(join(checkout, "stages"), { recursive: true });
  for (const name of ["deno.json", "deno.lock"]) {
    Deno.copyFileSync(join(ROOT, name), join(checkout, name));
  }
  Deno.writeTextFileSync(join(checkout, edition.noise.locationName), String(edition.offset));
  for (const [path, text] of Object.entries(filesOf(edition, STAGE_IMPORTS))) {
    Deno.writeTextFileSync(join(checkout, path), text.replace("CHECKOUT", checkout));
  }
  return checkout;
}

Deno.test("whatever is edited, just that runs which the edit can change", async () => {
  const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "property-" }));
  const engine = new InProcessEngine(folder);
  const random = numbers(SEED);
  const oracle = new Oracle();
  const sumSchema = defineSchema("rows", { value: float64("A number") });
  const total = { ran: 0, restored: 0, fresh: 0 };
  try {
    let edition = FIRST;
    for (let round = 0; round < ROUNDS; round++) {
      const { ends, manifests } = await engine.run(checkOut(folder, edition));
      const meanings = meaningOf(edition);
      const outcomes = [...meanings].map(([name, { signature }]) =>
        `${signature} ${ends.get(name)?.outcome}`
      );
      const context = `round ${round}: ${JSON.stringify(edition)}`;
      assert.deepEqual(outcomes.sort(), oracle.expect(edition), context);
      const { file } = manifests.get("total")!.outputs.sums as { file: string };
      using table = TableFile.open(engine.store.blobPath(file), sumSchema);
      assert.deepEqual([...table.column("value")], meanings.get("total")!.columns.value, context);
      for (const { outcome } of ends.values()) total[outcome as keyof typeof total] += 1;
      if (random() < 0.1) {
        const names = [...meanings.keys()];
        const lost = names[Math.floor(random() * names.length)];
        Deno.removeSync(engine.store.manifestPath(manifests.get(lost)!.key));
        oracle.forget(meanings.get(lost)!.signature);
      }
      edition = edit(edition, random);
    }
  } finally {
    await engine.close();
    await stopEsbuild();
    Deno.removeSync(folder, { recursive: true });
  }
  // The edits reach every outcome many times, else the test would show little.
  for (const count of Object.values(total)) assert.ok(count > 50, JSON.stringify(total));
});
