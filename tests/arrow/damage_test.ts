import assert from "node:assert/strict";
import { join } from "node:path";
import { TableFile, TableWriter } from "../../lib/arrow/mod.ts";
import { defineSchema, float32List, float64, image, int32, utf8 } from "../../lib/arrow/schema.ts";
import { RandomSource } from "../../lib/random/random.ts";

const schema = defineSchema("example", {
  index: int32("number"),
  name: utf8("text"),
  weights: float32List("weights"),
  image: image("picture"),
  value: float64("value"),
});

/** A small file with two batches. */
function makeFile(path: string): Uint8Array<ArrayBuffer> {
  const writer = new TableWriter(path, schema, { shapes: { image: [2, 2, 3] } });
  for (const first of [0, 3]) {
    writer.append({
      index: Int32Array.of(first, first + 1, first + 2),
      name: ["a", "bc", ""],
      weights: [Float32Array.of(1), Float32Array.of(), Float32Array.of(2, 3)],
      image: new Uint8Array(36).fill(first),
      value: Float64Array.of(1, 2, 3),
    });
  }
  writer.close();
  return Deno.readFileSync(path);
}

/** Opens a file and reads all of it in every way; what it says if it cannot. */
function readAll(path: string): string | null {
  try {
    using table = TableFile.open(path, schema);
    for (const name of ["index", "name", "weights", "image", "value"] as const) table.column(name);
    for (const _ of table.batches());
    table.rows();
    table.gather("image", [0, table.rowCount - 1], new Uint8Array(24));
    return null;
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
}

/** Runs `damage` on copies of the file, and reads each. @returns How many could not be read. */
function survey(rounds: number, damage: (bytes: Uint8Array, round: number) => Uint8Array): number {
  const folder = Deno.makeTempDirSync();
  try {
    const whole = makeFile(join(folder, "whole.arrow"));
    const path = join(folder, "damaged.arrow");
    let refused = 0;
    for (let round = 0; round < rounds; round++) {
      Deno.writeFileSync(path, damage(whole.slice(), round));
      const message = readAll(path);
      if (message === null) continue;
      refused += 1;
      assert.match(
        message,
        /^Cannot (read|gather) .*damaged\.arrow as /,
        `round ${round}: ${message}`,
      );
    }
    return refused;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("a file with one wrong byte is read or refused, wherever the byte is", () => {
  const length = makeLength();
  const refused = survey(length, (bytes, round) => {
    bytes[round] ^= 1 << (round % 8);
    return bytes;
  });
  assert.ok(refused > length / 10, `${refused} of ${length}`);
});

Deno.test("a file with many wrong bytes, or cut off anywhere, is read or refused", () => {
  const random = new RandomSource(1);
  const refused = survey(1500, (bytes, round) => {
    const stream = random.stream("damage", round);
    const count = 1 + stream.integer(30);
    for (let i = 0; i < count; i++) bytes[stream.integer(bytes.length)] = stream.integer(256);
    return round % 3 === 0 ? bytes.subarray(0, stream.integer(bytes.length)) : bytes;
  });
  assert.ok(refused > 500, `${refused} of 1500`);
});

function makeLength(): number {
  const path = Deno.makeTempFileSync();
  try {
    return makeFile(path).length;
  } finally {
    Deno.removeSync(path);
  }
}
