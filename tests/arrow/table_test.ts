import assert from "node:assert/strict";
import { join } from "node:path";
import { TableFile, TableWriter } from "../../lib/arrow/mod.ts";
import { defineSchema, float32List, float64, image, int32, utf8 } from "../../lib/arrow/schema.ts";

const schema = defineSchema("example", {
  index: int32("number"),
  name: utf8("text"),
  weights: float32List("weights"),
  image: image("picture"),
  value: float64("value"),
});

function makeRows(first: number, count: number) {
  const each = <T>(f: (i: number) => T) => Array.from({ length: count }, (_, i) => f(first + i));
  return {
    index: Int32Array.from(each((i) => i)),
    name: each((i) => `näme ${i}`),
    weights: each((i) => Float32Array.from({ length: i % 3 }, (_, k) => i + k / 2)),
    image: Uint8Array.from({ length: count * 2 * 4 * 3 }, (_, k) => (first * 24 + k) % 251),
    value: Float64Array.from(each((i) => i / 7)),
  };
}

function writeTable(path: string, counts: number[], provenance = {}) {
  const writer = new TableWriter(path, schema, {
    shapes: { image: [2, 4, 3] },
    metadata: { index: { unit: "sample" } },
    provenance,
  });
  let first = 0;
  for (const count of counts) {
    writer.append(makeRows(first, count));
    first += count;
  }
  return writer.close();
}

async function withFolder(body: (folder: string) => void | Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a table comes back from its file as it was written, over several batches", () =>
  withFolder((folder) => {
    const path = join(folder, "t.arrow");
    const summary = writeTable(path, [5, 1, 7], { stage: "abc" });
    using table = TableFile.open(path, schema);
    const expected = makeRows(0, 13);
    assert.equal(summary.rowCount, 13);
    assert.equal(table.rowCount, 13);
    assert.deepEqual(table.column("index"), expected.index);
    assert.deepEqual(table.column("name"), expected.name);
    assert.deepEqual(
      table.column("weights").map((w) => [...w]),
      expected.weights.map((w) => [...w]),
    );
    assert.deepEqual(table.column("image"), expected.image);
    assert.deepEqual(table.column("value"), expected.value);
    assert.deepEqual(table.shapeOf("image"), [2, 4, 3]);
    assert.equal(table.metadataOf("index").unit, "sample");
    assert.equal(table.provenance.stage, "abc");
    assert.equal([...table.batches()].length, 3);
  }));

Deno.test("a row has the value of every column, of a tensor all of its elements", () =>
  withFolder((folder) => {
    const path = join(folder, "t.arrow");
    writeTable(path, [5, 1, 7]);
    using table = TableFile.open(path, schema);
    const rows = table.rows();
    const expected = makeRows(6, 1);
    assert.equal(rows.length, 13);
    assert.deepEqual(rows[6], {
      index: 6,
      name: "näme 6",
      weights: expected.weights[0],
      image: expected.image,
      value: 6 / 7,
    });
  }));

Deno.test("rows of a tensor column are gathered in any order, across batches", () =>
  withFolder((folder) => {
    const path = join(folder, "t.arrow");
    writeTable(path, [5, 1, 7]);
    using table = TableFile.open(path, schema);
    const rows = [12, 0, 5, 5, 6, 4];
    const out = new Uint8Array(rows.length * 24);
    table.gather("image", rows, out);
    const all = makeRows(0, 13).image;
    const expected = rows.flatMap((row) => [...all.subarray(row * 24, row * 24 + 24)]);
    assert.deepEqual([...out], expected);
    assert.throws(() => table.gather("image", [13], out), /row must be in \[0, 13\).*is 13/);
    assert.throws(
      () => table.gather("value", [0], out),
      /"value".*must be tensor<uint8>: current value is float64/,
    );
  }));

Deno.test("a column's digest depends on its values and meaning, not on batches or provenance", () =>
  withFolder((folder) => {
    const path = join(folder, "t.arrow");
    const a = writeTable(path, [13], { stage: "a" });
    const b = writeTable(path, [4, 9], { stage: "b" });
    assert.deepEqual(a.columns, b.columns);
    const writer = new TableWriter(path, schema, {
      shapes: { image: [2, 4, 3] },
      metadata: { index: { unit: "other" } },
    });
    writer.append({ ...makeRows(0, 13), value: new Float64Array(13) });
    const c = writer.close();
    assert.notEqual(c.columns.value, a.columns.value);
    assert.notEqual(c.columns.index, a.columns.index);
    assert.equal(c.columns.name, a.columns.name);
  }));

Deno.test("texts that concatenate alike have different digests", () =>
  withFolder((folder) => {
    const one = defineSchema("t", { name: utf8("text") });
    const digestOf = (name: string[]) => {
      const writer = new TableWriter(join(folder, "t.arrow"), one);
      writer.append({ name });
      return writer.close().columns.name;
    };
    assert.notEqual(digestOf(["ab", "c"]), digestOf(["a", "bc"]));
  }));

Deno.test("a table without rows can be read", () =>
  withFolder((folder) => {
    const path = join(folder, "t.arrow");
    writeTable(path, []);
    using table = TableFile.open(path, schema);
    assert.equal(table.rowCount, 0);
    assert.equal(table.column("index").length, 0);
  }));

Deno.test("columns of unequal length are refused by name", () =>
  withFolder((folder) => {
    const writer = new TableWriter(join(folder, "t.arrow"), schema, {
      shapes: { image: [2, 4, 3] },
    });
    assert.throws(
      () => writer.append({ ...makeRows(0, 3), name: ["a"] }),
      /"index" has 3 and "name" has 1/,
    );
    assert.throws(
      () => writer.append({ ...makeRows(0, 3), image: new Uint8Array(25) }),
      /whole rows of shape \[2,4,3\]: current value has 25 elements/,
    );
    writer.abort();
  }));

Deno.test("a shape that the schema excludes is refused", () =>
  withFolder((folder) => {
    const open = (shape?: number[]) =>
      new TableWriter(join(folder, "t.arrow"), schema, shape ? { shapes: { image: shape } } : {});
    assert.throws(() => open(), /"image" must fit \[any,any,3\]: current value is missing/);
    assert.throws(() => open([2, 4, 4]), /current value is \[2,4,4\]/);
  }));

Deno.test("a file cut short is refused as no whole Arrow file", () =>
  withFolder((folder) => {
    const path = join(folder, "t.arrow");
    writeTable(path, [5]);
    const bytes = Deno.readFileSync(path);
    for (const length of [0, 7, 100, bytes.length - 1]) {
      Deno.writeFileSync(path, bytes.subarray(0, length));
      assert.throws(() => TableFile.open(path, schema), /no whole Arrow file/);
    }
  }));

Deno.test("a missing column and another type are named", () =>
  withFolder((folder) => {
    const path = join(folder, "t.arrow");
    writeTable(path, [1]);
    const missing = defineSchema("t", { label: int32("label") });
    assert.throws(
      () => TableFile.open(path, missing),
      /"label" must be int32.*missing.*index, name/,
    );
    const other = defineSchema("t", { name: int32("label") });
    assert.throws(() => TableFile.open(path, other), /"name" must be int32: current value is Utf8/);
  }));
