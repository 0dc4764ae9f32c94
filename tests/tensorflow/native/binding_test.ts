import { strict as assert } from "node:assert";
import { attribute } from "../../../lib/tensorflow/c_api/attribute.ts";
import type { Binding } from "../../../lib/tensorflow/native/binding.ts";
import { DataType } from "../../../lib/tensorflow/c_api/data_types.ts";
import { parseOpDef } from "../../../lib/tensorflow/c_api/op_def.ts";
import type { Runtime } from "../../../lib/tensorflow/runtime.ts";
import { nativeTest } from "../native_library.ts";

const bindingOf = ({ tf }: Runtime) => (tf.backend() as unknown as { binding: Binding }).binding;

/** Runs an operation on a float32 vector and returns its first result's values; frees everything. */
function valuesOf(binding: Binding, values: number[], run: (id: number) => number): number[] {
  const id = binding.createTensor([values.length], DataType.float32, Float32Array.from(values));
  const result = run(id);
  const found = Array.from(binding.tensorDataSync(result) as Float32Array);
  [id, result].forEach((each) => binding.deleteTensor(each));
  return found;
}

for (const name of ["float16", "bfloat16", "float64"] as const) {
  nativeTest(`${name} is read as float32`, (runtime) => {
    const binding = bindingOf(runtime);
    const before = binding.getNumOfTensors();
    const exact = [0, -1.5, 0.25, 128, -Infinity]; // All have at most eight significant bits.
    const attributes = [
      attribute.type("SrcT", DataType.float32),
      attribute.type("DstT", DataType[name]),
    ];
    const cast = (id: number) => binding.executeOp("Cast", attributes, [id], 1)[0].id;
    assert.deepEqual(valuesOf(binding, exact, cast), exact);
    assert.equal(binding.getNumOfTensors(), before);
  });
}

nativeTest("an operation may have more results than the binding expects at first", (runtime) => {
  const binding = bindingOf(runtime);
  const count = 1000;
  const axis = binding.createTensor([], DataType.int32, Int32Array.of(0));
  const values = Float32Array.from({ length: count }, (_, i) => i);
  const all = binding.createTensor([count], DataType.float32, values);
  const attributes = [
    attribute.type("T", DataType.float32),
    attribute.int("num_split", count),
  ];
  const parts = binding.executeOp("Split", attributes, [axis, all], count);
  assert.equal(parts.length, count);
  assert.deepEqual(binding.tensorDataSync(parts[999].id), Float32Array.of(999));
  [axis, all, ...parts.map(({ id }) => id)].forEach((id) => binding.deleteTensor(id));
});

nativeTest("an operation that TensorFlow refuses is named, with its reason", (runtime) => {
  const binding = bindingOf(runtime);
  assert.throws(
    () => binding.executeOp("NoSuchOperation", [], [], 1),
    /^TensorFlowError: Cannot run NoSuchOperation as TensorFlow reports: .*NoSuchOperation/s,
  );
  const [two, three] = [2, 3].map((size) =>
    binding.createTensor([size], DataType.float32, new Float32Array(size))
  );
  const type = attribute.type("T", DataType.float32);
  assert.throws(
    () => binding.executeOp("AddV2", [type], [two, three], 1),
    /Cannot run AddV2 .*\[2\] vs\. \[3\]/s,
  );
  binding.deleteTensor(two);
  assert.throws(
    () => binding.executeOp("Neg", [type], [two], 1),
    /Cannot use a tensor as it was disposed or never made: current id is \d+/,
  );
  binding.deleteTensor(three);
});

nativeTest("values that do not fit their type or shape are refused", (runtime) => {
  const binding = bindingOf(runtime);
  assert.throws(
    () => binding.createTensor([2], DataType.int32, new Float32Array(2)),
    /Cannot make a int32 tensor as its values are a Float32Array/,
  );
  assert.throws(
    () => binding.createTensor([2, 2], DataType.uint8, new Uint8Array(3)),
    /shape \[2,2\] as it takes 4 values: current length is 3/,
  );
  assert.throws(
    () => binding.createTensor([1], DataType.float32, [new Uint8Array(1)]),
    /Cannot make a float32 tensor as only strings come in an array/,
  );
});

Deno.test("an operation's definition tells lists, attributes and effects", () => {
  const text = (value: string) => [...new TextEncoder().encode(value)];
  const field = (number: number, bytes: number[]) => [number << 3 | 2, bytes.length, ...bytes];
  const isStateful = [17 << 3 & 127 | 128, 17 >> 4, 1];
  const definition = new Uint8Array([
    ...field(1, text("Example")),
    ...field(2, [...field(1, text("values")), ...field(5, text("N"))]),
    ...field(2, field(1, text("axis"))),
    ...field(2, field(6, text("Targs"))),
    ...field(4, [...field(1, text("N")), 5 << 3 | 1, 0, 0, 0, 0, 0, 0, 0, 0]),
    ...field(4, field(1, text("T"))),
    ...isStateful,
  ]);
  assert.deepEqual(parseOpDef(definition), {
    inputs: [{ isList: true, countAttribute: "N" }, { isList: false }, { isList: true }],
    attributes: new Set(["N", "T"]),
    isStateful: true,
  });
});
