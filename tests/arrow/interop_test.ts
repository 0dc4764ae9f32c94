import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Columns, type TableSchema, TableWriter } from "../../lib/arrow/mod.ts";
import type { Column, ColumnKind } from "../../lib/arrow/schema.ts";
import * as schemas from "../../lib/tables/schemas.ts";
import { RandomSource, type RandomStream } from "../../lib/random/random.ts";

const SCRIPT = fileURLToPath(new URL("./read_tables.py", import.meta.url));
const PYTHON = Deno.env.get("BENCH_PYTHON") ?? "python3";
/** Rows of each record batch. */
const BATCHES: readonly number[] = [3, 1, 4];
const TEXTS = ["", "plain", "Größe, 大小", 'with "quotes"\nand lines'];

/** What a column holds, row by row, as JSON has it; `null` is no number. */
interface Expected {
  readonly kind: ColumnKind;
  readonly description: string;
  readonly shape: readonly number[];
  readonly values: unknown[];
}

/** A concrete shape for the rows of a tensor. */
function shapeOf({ shape = [] }: Column): number[] {
  return shape.map((extent, i) => extent ?? 3 + i);
}

/** A value of one row, as the writer takes it one after the other. */
function drawValue(column: Column, stream: RandomStream): unknown {
  const float = () => Math.fround(stream.uniformBetween(-5, 5));
  const count = shapeOf(column).reduce((product, extent) => product * extent, 1);
  const draw = <T>(length: number, each: () => T) => Array.from({ length }, each);
  switch (column.kind) {
    case "int32":
      return stream.integer(2 ** 31) - 2 ** 30;
    case "float32":
      return float();
    case "float64":
      return stream.uniform() < 0.2 ? NaN : stream.uniformBetween(-5, 5);
    case "utf8":
      return TEXTS[stream.integer(TEXTS.length)];
    case "tensor<uint8>":
      return draw(count, () => stream.integer(256));
    case "tensor<float32>":
      return draw(count, float);
    case "list<int32>":
      return draw(stream.integer(4), () => stream.integer(100));
    case "list<float32>":
      return draw(stream.integer(4), float);
  }
}

/** Rows' values as the writer takes them. */
function packed(kind: ColumnKind, values: unknown[]): unknown {
  if (kind === "utf8") return values;
  if (kind === "int32") return Int32Array.from(values as number[]);
  if (kind === "float32") return Float32Array.from(values as number[]);
  if (kind === "float64") return Float64Array.from(values as number[]);
  if (kind === "tensor<uint8>") return Uint8Array.from((values as number[][]).flat());
  if (kind === "tensor<float32>") return Float32Array.from((values as number[][]).flat());
  const Holder = kind === "list<int32>" ? Int32Array : Float32Array;
  return (values as number[][]).map((list) => Holder.from(list));
}

/** Writes a table NAME.arrow of random values. */
function writeRandom(
  folder: string,
  name: string,
  schema: TableSchema,
  batches = BATCHES,
): Record<string, Expected> {
  const stream = new RandomSource(0).stream(schema.name);
  const columns = Object.entries(schema.columns);
  const shapes = Object.fromEntries(columns.map(([name, column]) => [name, shapeOf(column)]));
  const writer = new TableWriter(join(folder, `${name}.arrow`), schema, { shapes });
  const all: Record<string, unknown[]> = Object.fromEntries(columns.map(([name]) => [name, []]));
  for (const count of batches) {
    const rows = columns.map(([name, column]) => {
      const values = Array.from({ length: count }, () => drawValue(column, stream));
      all[name].push(...values);
      return [name, packed(column.kind, values)];
    });
    writer.append(Object.fromEntries(rows));
  }
  writer.close();
  return Object.fromEntries(columns.map(([name, { kind, description }]) => [
    name,
    { kind, description, shape: shapes[name], values: all[name] },
  ]));
}

/** Whether that Python is there and has a module. */
async function has(modules: string): Promise<boolean> {
  try {
    const { code } = await new Deno.Command(PYTHON, {
      args: ["-c", `import ${modules}`],
      stderr: "null",
    }).output();
    return code === 0;
  } catch {
    return false;
  }
}

for (const reader of ["pyarrow", "polars", "duckdb"]) {
  const needs = reader === "duckdb" ? "duckdb, pyarrow" : reader;
  Deno.test({
    name: `${reader} reads every table (needs ${needs} in the Python that BENCH_PYTHON names)`,
    ignore: !await has(needs),
    fn: async () => {
      const folder = await Deno.makeTempDir();
      try {
        const all = Object.values(schemas) as TableSchema<Columns>[];
        const expected = Object.fromEntries(
          all.map((schema) => [schema.name, writeRandom(folder, schema.name, schema)]),
        );
        assert.equal(Object.keys(expected).length, all.length, "tables have names of their own");
        expected.empty = writeRandom(folder, "empty", schemas.viewSchema, []);
        await Deno.writeTextFile(join(folder, "expected.json"), JSON.stringify(expected));
        const { code, stdout, stderr } = await new Deno.Command(PYTHON, {
          args: [SCRIPT, reader, folder],
        }).output();
        const said = new TextDecoder().decode(stdout);
        assert.equal(code, 0, said + new TextDecoder().decode(stderr));
        assert.match(said, new RegExp(`: ${all.length + 1} tables read`));
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
