import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { digestFile, digestsOfFile } from "../../lib/base/digest_file.ts";

/** More than one turn of hashing, and no whole number of pieces. */
const BYTES = 200 * 1024 * 1024 + 1;

Deno.test("a file of any size is hashed in bounded memory, and others have their turns", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.truncate(path, BYTES);
    await digestFile(path);
    const before = Deno.memoryUsage();
    let turns = 0;
    const timer = setInterval(() => turns += 1, 1);
    const digest = await digestFile(path);
    clearInterval(timer);
    const after = Deno.memoryUsage();
    assert.ok(after.rss - before.rss < 32 * 1024 * 1024, `${after.rss - before.rss} bytes`);
    assert.ok(turns >= 5, `${turns} turns`);
    const expected = createHash("sha256");
    for (let left = BYTES; left > 0; left -= 1 << 20) {
      expected.update(new Uint8Array(Math.min(left, 1 << 20)));
    }
    assert.equal(digest, expected.digest("hex"));
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("several digests take one pass, each as its own function has it", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "abc");
    // FIPS 180-4's example, and RFC 1321's.
    assert.deepEqual(await digestsOfFile(path, ["sha256", "md5", "sha256"]), {
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      md5: "900150983cd24fb0d6963f7d28e17f72",
    });
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("hashing ends with the reason of the signal that ends it", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.truncate(path, BYTES);
    await assert.rejects(digestFile(path, AbortSignal.abort(new Error("enough"))), /enough/);
  } finally {
    await Deno.remove(path);
  }
});
