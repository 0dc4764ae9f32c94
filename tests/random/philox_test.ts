import assert from "node:assert/strict";
import { philox } from "../../lib/random/philox.ts";

const vectors = Deno.readTextFileSync(new URL("../golden/random/kat_vectors.txt", import.meta.url))
  .split("\n")
  .filter((line) => line.startsWith("philox4x32 10 "))
  .map((line) => line.split(/\s+/).slice(2).map((word) => parseInt(word, 16)));

Deno.test("Philox gives the published known answers of Random123", () => {
  assert.equal(vectors.length, 3);
  for (const words of vectors) {
    const block = Uint32Array.from(words.slice(0, 4));
    philox(block, words[4], words[5]);
    assert.deepEqual([...block], words.slice(6));
  }
});

Deno.test("Philox changes about half of its output bits when any input bit changes", () => {
  const base = new Uint32Array(4);
  philox(base, 1, 2);
  for (let bit = 0; bit < 128; bit++) {
    const block = new Uint32Array(4);
    block[bit >> 5] = 1 << (bit & 31);
    philox(block, 1, 2);
    let changed = 0;
    block.forEach((word, i) => {
      for (let rest = (word ^ base[i]) >>> 0; rest > 0; rest >>>= 1) changed += rest & 1;
    });
    // Binomial(128, 1/2): 64 +- 6 standard deviations of 5.7.
    assert.ok(changed > 30 && changed < 98, `input bit ${bit} changes ${changed} of 128 bits`);
  }
});
