import assert from "node:assert/strict";
import { join } from "node:path";
import { hasCheckpoint, openCheckpoint } from "../../../lib/pipeline/stage/checkpoint.ts";

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await body(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("the last complete checkpoint is the one that counts, with folders inside it", async () => {
  await withFolder(async (folder) => {
    const checkpoint = openCheckpoint(folder);
    assert.equal(checkpoint.latest, null);
    for (const text of ["one", "two"]) {
      await checkpoint.save((partial) => {
        Deno.mkdirSync(join(partial, "inner"));
        Deno.writeTextFileSync(join(partial, "inner", "state"), text);
      });
    }
    assert.equal(Deno.readTextFileSync(join(checkpoint.latest!, "inner", "state")), "two");
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["2"]);
  });
});

Deno.test("a checkpoint that fails leaves the one before, and the next takes its place", async () => {
  await withFolder(async (folder) => {
    const checkpoint = openCheckpoint(folder);
    await checkpoint.save((partial) => Deno.writeTextFileSync(join(partial, "state"), "one"));
    await assert.rejects(
      checkpoint.save((partial) => {
        Deno.writeTextFileSync(join(partial, "state"), "tw");
        throw new Error("killed");
      }),
      /killed/,
    );
    const next = openCheckpoint(folder);
    assert.ok(hasCheckpoint(folder));
    assert.equal(Deno.readTextFileSync(join(next.latest!, "state")), "one");
    await next.save((partial) => Deno.writeTextFileSync(join(partial, "state"), "two"));
    assert.equal(Deno.readTextFileSync(join(next.latest!, "state")), "two");
  });
});
