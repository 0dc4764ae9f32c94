/**
 * Cases computed by TensorFlow's operations as they are: what the library does by itself.
 *
 * @module
 */
import { type Attribute, attribute } from "../../lib/tensorflow/c_api/attribute.ts";
import { CApi } from "../../lib/tensorflow/c_api/c_api.ts";
import { Context } from "../../lib/tensorflow/c_api/context.ts";
import { DataType } from "../../lib/tensorflow/c_api/data_types.ts";
import { Binding } from "../../lib/tensorflow/native/binding.ts";
import type { Convolution, Precision, Product } from "./case.ts";
import type { Computer, Operand, Result } from "./computer.ts";
import { paddedAsTensorFlow } from "./reference.ts";

/** Calls the operations through the binding. */
export class LibraryComputer implements Computer {
  readonly geometry = paddedAsTensorFlow;
  readonly #binding: Binding;

  /** @param folder Of the TensorFlow library. */
  constructor(folder: string, threads: number) {
    Deno.env.set("TF_ENABLE_ONEDNN_OPTS", "1");
    this.#binding = new Binding(new Context(new CApi(folder), { threads }));
  }

  convolve(asked: Convolution, x: Operand, filter: Operand, dy: Operand): Result[] {
    const { precision, stride, padding } = asked;
    const attributes = [
      typeOf(precision),
      attribute.ints("strides", [1, stride, stride, 1]),
      attribute.string("padding", padding),
    ];
    const ids = [x, filter, dy].map((operand) => this.#upload(operand, precision));
    const sizes = [x, filter].map(({ shape }) =>
      this.#binding.createTensor([4], DataType.int32, Int32Array.from(shape))
    );
    const results = [
      this.#run("Conv2D", attributes, [ids[0], ids[1]]),
      this.#run("Conv2DBackpropInput", attributes, [sizes[0], ids[1], ids[2]]),
      this.#run("Conv2DBackpropFilter", attributes, [ids[0], sizes[1], ids[2]]),
    ];
    for (const id of [...ids, ...sizes]) this.#binding.deleteTensor(id);
    return results;
  }

  multiply({ precision, transposed }: Product, left: Operand, right: Operand): Result {
    const attributes = [
      typeOf(precision),
      attribute.bool("adj_x", transposed === "left"),
      attribute.bool("adj_y", transposed === "right"),
    ];
    const ids = [left, right].map((operand) => this.#upload(operand, precision));
    const result = this.#run("BatchMatMulV2", attributes, ids);
    for (const id of ids) this.#binding.deleteTensor(id);
    return result;
  }

  close(): void {
    this.#binding.close();
  }

  #run(name: string, attributes: readonly Attribute[], inputs: readonly number[]): Result {
    const [{ id }] = this.#binding.executeOp(name, attributes, inputs, 1);
    const values = this.#binding.tensorDataSync(id) as Float32Array;
    this.#binding.deleteTensor(id);
    return values;
  }

  #upload({ shape, values }: Operand, precision: Precision): number {
    const id = this.#binding.createTensor(shape, DataType.float32, values);
    if (precision === "float32") return id;
    const types = [
      attribute.type("SrcT", DataType.float32),
      attribute.type("DstT", DataType.bfloat16),
    ];
    const [cast] = this.#binding.executeOp("Cast", types, [id], 1);
    this.#binding.deleteTensor(id);
    return cast.id;
  }
}

function typeOf(precision: Precision): Attribute {
  return attribute.type("T", DataType[precision]);
}
