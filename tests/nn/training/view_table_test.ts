import assert from "node:assert/strict";
import { join } from "node:path";
import { TableFile, TableWriter } from "../../../lib/arrow/mod.ts";
import { imageSchema, viewSchema } from "../../../lib/tables/schemas.ts";
import { resizeBilinear } from "../../../lib/augment/image/resize.ts";
import { imagesOf, stateOf, stateRows, viewsOf } from "../../../lib/nn/training/view_table.ts";

const BYTES = 4 * 4 * 3;

/** An image whose every byte tells which one it is. */
const picture = (number: number) => new Uint8Array(BYTES).fill(number);

async function withTables(
  order: readonly (readonly [sample: number, view: number])[],
  body: (tables: {
    images: TableFile<Pick<typeof imageSchema.columns, "index" | "image">>;
    views: TableFile<typeof viewSchema.columns>;
  }) => void | Promise<void>,
) {
  const folder = await Deno.makeTempDir();
  const join_ = (pictures: Uint8Array[]) => Uint8Array.from(pictures.flatMap((each) => [...each]));
  try {
    const images = new TableWriter(join(folder, "images.arrow"), imageSchema, {
      shapes: { image: [4, 4, 3] },
    });
    const index = Int32Array.of(10, 11, 12);
    images.append({ index, image: join_([10, 11, 12].map(picture)), label: index });
    images.close();
    const views = new TableWriter(join(folder, "views.arrow"), viewSchema, {
      shapes: { image: [4, 4, 3] },
    });
    for (const rows of [order.slice(0, 2), order.slice(2)]) {
      views.append({
        index: Int32Array.from(rows, ([sample]) => sample),
        view: Int32Array.from(rows, ([, view]) => view),
        image: join_(rows.map(([sample, view]) => picture(sample * 10 + view))),
      });
    }
    views.close();
    using imageTable = TableFile.open(
      join(folder, "images.arrow"),
      imageSchema.pick("index", "image"),
    );
    using viewTable = TableFile.open(join(folder, "views.arrow"), viewSchema);
    await body({ images: imageTable, views: viewTable });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const BY_VIEW = [[10, 0], [11, 0], [12, 0], [10, 1], [11, 1], [12, 1]] as const;
const SHUFFLED = [[12, 1], [10, 0], [11, 1], [12, 0], [11, 0], [10, 1]] as const;

Deno.test("images are joined by index, in the order of the labels", () =>
  withTables(BY_VIEW, async ({ images }) => {
    const source = imagesOf(images, [12, 10], null);
    assert.equal(source.count, 2);
    assert.deepEqual([...await source.read(0, 2)], [...picture(12), ...picture(10)]);
  }));

Deno.test("images are resized as Pillow does it", () =>
  withTables(BY_VIEW, async ({ images }) => {
    const source = imagesOf(images, [11], 2);
    assert.deepEqual(source.shape, [2, 2, 3]);
    const size = { height: 4, width: 4 };
    const expected = resizeBilinear(picture(11), size, { height: 2, width: 2 });
    assert.deepEqual(await source.read(0, 1), expected);
  }));

Deno.test("views are gathered by sample and number, however the file orders them", async () => {
  for (const order of [BY_VIEW, SHUFFLED]) {
    await withTables(order, async ({ views }) => {
      const { source, shape } = viewsOf(views, [12, 10]);
      assert.equal(source.viewsPerSample, 2);
      assert.deepEqual(shape, [4, 4, 3]);
      const out = new Uint8Array(3 * BYTES);
      await source.gather(Int32Array.of(0, 1, 0), Int32Array.of(1, 0, 0), out);
      const firstBytes = [0, 1, 2].map((i) => out[i * BYTES]);
      assert.deepEqual(firstBytes, [121, 100, 120]);
    });
  }
});

Deno.test("a sample without image or with too few views is named", () =>
  withTables(BY_VIEW.slice(0, 5), ({ images, views }) => {
    assert.throws(() => imagesOf(images, [13], null), /sample 13 is not/);
    assert.throws(() => viewsOf(views, [13]), /the views 0 to 1: sample 13 lacks view 0/);
    assert.throws(() => viewsOf(views, [10, 12]), /the views 0 to 1: sample 12 lacks view 1/);
    assert.equal(viewsOf(views, [10, 11]).source.viewsPerSample, 2, "others may lack theirs");
  }));

Deno.test("a table without views is refused", () =>
  withTables([], ({ views }) => {
    assert.throws(() => viewsOf(views, [10]), /must hold views: it has no row/);
  }));

Deno.test("a state survives its rows", () => {
  const entries = [{ name: "w", shape: [2, 1], values: Float32Array.of(1, -2) }];
  const { name, shape, value } = stateRows(entries);
  const rows = name.map((each, i) => ({ name: each, shape: shape[i], value: value[i] }));
  assert.deepEqual(stateOf(rows), entries);
});
