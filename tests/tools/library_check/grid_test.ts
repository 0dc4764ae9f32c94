import { strict as assert } from "node:assert";
import { describe } from "../../../tools/library_check/case.ts";
import { casesIn, gridSize } from "../../../tools/library_check/grid.ts";

Deno.test("every product has one place in the grid", () => {
  const size = gridSize("product");
  const seen = new Set<string>();
  for (let from = 0; from < size; from += 10_000) {
    const stretch = { operation: "product", from, to: Math.min(size, from + 10_000) } as const;
    for (const asked of casesIn(stretch)) seen.add(describe(asked));
  }
  assert.equal(seen.size, size);
  assert.equal(size, 3 * 2 * 2 * 37 ** 3);
});

Deno.test("the first thousand convolutions are of all kinds, sides and channels", () => {
  const cases = casesIn({ operation: "convolution", from: 0, to: 1000 })
    .map((asked) => asked as Extract<typeof asked, { operation: "convolution" }>);
  const kinds = cases.map(({ kernel, stride, padding, precision, images }) =>
    [kernel, stride, padding, precision, images].join()
  );
  assert.equal(new Set(kinds).size, 32);
  assert.equal(new Set(cases.map(({ side }) => side)).size, 34);
  assert.equal(new Set(cases.map(({ inputs }) => inputs)).size, 37);
  assert.equal(new Set(cases.map(({ outputs }) => outputs)).size, 37);
});

Deno.test("no filter is larger than the images that it is to fit into", () => {
  for (const asked of casesIn({ operation: "convolution", from: 0, to: 5000 })) {
    if (asked.operation === "convolution" && asked.padding === "VALID") {
      assert.ok(asked.side >= asked.kernel);
    }
  }
});
