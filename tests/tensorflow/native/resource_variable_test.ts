import { strict as assert } from "node:assert";
import { nativeTest } from "../native_library.ts";

nativeTest(
  "a variable gives back the values it was made of, set to and assigned",
  async (runtime) => {
    const { tf } = runtime;
    const variable = runtime.variable("v", [2, 2], Float32Array.of(1, 2, 3, 4));
    assert.deepEqual([...await variable.data()], [1, 2, 3, 4]);
    variable.set(Float32Array.of(5, 6, 7, 8));
    assert.deepEqual([...await variable.data()], [5, 6, 7, 8]);
    tf.tidy(() => variable.assign(variable.read().mul(2)));
    assert.deepEqual([...await variable.data()], [10, 12, 14, 16]);
    variable.dispose();
  },
);

nativeTest("a tensor that was read keeps its values when the variable changes", (runtime) => {
  const variable = runtime.variable("v", [2], Float32Array.of(1, 2));
  const before = variable.read();
  variable.set(Float32Array.of(3, 4));
  assert.deepEqual([...before.dataSync()], [1, 2]);
  before.dispose();
  variable.dispose();
});

nativeTest("variables of one name are apart", async (runtime) => {
  const [a, b] = [1, 2].map((value) => runtime.variable("same", [1], Float32Array.of(value)));
  a.set(Float32Array.of(3));
  assert.deepEqual([...await b.data()], [2]);
  a.dispose();
  assert.deepEqual([...await b.data()], [2]);
  b.dispose();
});

nativeTest("shapes that do not fit are refused", (runtime) => {
  const { tf } = runtime;
  assert.throws(
    () => runtime.variable("v", [2, 3], new Float32Array(5)),
    /shape \[2,3\] as it takes 6 values: current length is 5/,
  );
  const variable = runtime.variable("v", [2], new Float32Array(2));
  tf.tidy(() =>
    assert.throws(
      () => variable.assign(tf.zeros([3])),
      /variable v of shape \[2\] as the shapes must agree: current shape is \[3\]/,
    )
  );
  variable.dispose();
});

nativeTest("a disposed variable is refused by name, and may be disposed again", async (runtime) => {
  const variable = runtime.variable("gone", [1], new Float32Array(1));
  variable.dispose();
  variable.dispose();
  assert.throws(() => variable.read(), /Cannot use the variable gone as it was disposed/);
  await assert.rejects(variable.data(), /Cannot use the variable gone as it was disposed/);
});
