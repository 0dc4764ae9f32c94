/**
 * TensorFlow's eager context: threads, GPU memory, devices.
 *
 * @module
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { CApi, internedCString, type Pointer, readCString } from "./c_api.ts";

/** A device as TensorFlow names it, e.g. `/job:localhost/replica:0/task:0/device:CPU:0`. */
export interface Device {
  readonly name: string;
  readonly type: string;
}

/** What a context may use of the machine. */
export interface ContextOptions {
  /** Threads that share the work of one operation. */
  readonly threads: number;
  /** Operations that may run at once. @default {1} */
  readonly interOpThreads?: number;
  /** The share of a GPU's memory that tensors may take, in (0, 1]. @default {all that is free} */
  readonly gpuMemoryShare?: number;
}

/** The eager context of one runtime. */
export class Context {
  readonly devices: readonly Device[];
  /** The first GPU, else the CPU. */
  readonly device: Device;
  readonly #deviceName: Uint8Array<ArrayBuffer>;
  #pointer: Pointer;

  constructor(readonly api: CApi, options: ContextOptions) {
    this.#pointer = newContext(api, configProto(options));
    this.devices = listDevices(api, this.#pointer);
    this.device = this.devices.find(({ type }) => type === "GPU") ??
      this.devices.find(({ type }) => type === "CPU")!;
    this.#deviceName = internedCString(this.device.name);
  }

  /** @throws {Error} if the context is closed: the library would follow a dangling pointer. */
  get pointer(): Pointer {
    if (this.#pointer === null) throw new Error("Cannot use TensorFlow as its runtime is closed");
    return this.#pointer;
  }

  get isClosed(): boolean {
    return this.#pointer === null;
  }

  get usesGpu(): boolean {
    return this.device.type === "GPU";
  }

  /** Moves a tensor handle to the device; the old handle is freed. */
  moveToDevice(handle: bigint): bigint {
    const { symbols, status } = this.api;
    const moved = symbols.TFE_TensorHandleCopyToDevice(
      handle,
      this.pointer,
      this.#deviceName,
      status,
    );
    symbols.TFE_DeleteTensorHandle(handle);
    this.api.check(`copy a tensor to ${this.device.name}`);
    return moved;
  }

  close(): void {
    this.api.symbols.TFE_DeleteContext(this.pointer);
    this.#pointer = null;
  }
}

/**
 * The bytes of a `ConfigProto` (tensorflow/core/protobuf/config.proto): field 2
 * `intra_op_parallelism_threads`, 5 `inter_op_parallelism_threads`, and in 6 `gpu_options` the
 * fields 1 `per_process_gpu_memory_fraction` and 4 `allow_growth`, so that a run takes no more of
 * the card than it needs.
 */
export function configProto(
  { threads, interOpThreads = 1, gpuMemoryShare }: ContextOptions,
): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  writer.tag(2, WireType.Varint).int32(threads);
  writer.tag(5, WireType.Varint).int32(interOpThreads);
  writer.tag(6, WireType.LengthDelimited).fork();
  if (gpuMemoryShare !== undefined) writer.tag(1, WireType.Bit64).double(gpuMemoryShare);
  writer.tag(4, WireType.Varint).bool(true).join();
  return writer.finish();
}

function newContext(api: CApi, config: Uint8Array<ArrayBuffer>): Pointer {
  const { symbols, status } = api;
  const options = symbols.TFE_NewContextOptions();
  try {
    symbols.TFE_ContextOptionsSetConfig(options, config, BigInt(config.length), status);
    api.check("set TensorFlow's configuration");
    const context = symbols.TFE_NewContext(options, status);
    api.check("start TensorFlow");
    return context;
  } finally {
    symbols.TFE_DeleteContextOptions(options);
  }
}

function listDevices(api: CApi, context: Pointer): Device[] {
  const { symbols, status } = api;
  const list = symbols.TFE_ContextListDevices(context, status);
  api.check("list TensorFlow's devices");
  const devices = Array.from({ length: symbols.TF_DeviceListCount(list) }, (_, index) => ({
    name: readCString(symbols.TF_DeviceListName(list, index, status)),
    type: readCString(symbols.TF_DeviceListType(list, index, status)),
  }));
  symbols.TF_DeleteDeviceList(list);
  return devices;
}
