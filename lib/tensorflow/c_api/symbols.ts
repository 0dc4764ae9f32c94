/**
 * The part of TensorFlow's C API that the native backend calls, as tables for `Deno.dlopen`. All
 * of it is exported by `libtensorflow_cc.so.2`, which loads `libtensorflow_framework.so.2` itself.
 *
 * A `TFE_TensorHandle*` travels as a bigint (`u64`): a call costs 9 ns with it, against 130 ns for
 * `Deno.UnsafePointer.create` and 250 ns for a `u64` given as a number.
 *
 * @module
 */

/** `TF_Output { TF_Operation* oper; int index; }`, passed by value. */
const OUTPUT = { struct: ["pointer", "i32"] } as const;

const procedure = <const P extends readonly Deno.NativeType[]>(...parameters: P) =>
  ({ parameters, result: "void" }) as const;
const pointerFrom = <const P extends readonly Deno.NativeType[]>(...parameters: P) =>
  ({ parameters, result: "pointer" }) as const;

const STATUS = {
  TF_Version: pointerFrom(),
  TF_NewStatus: pointerFrom(),
  TF_DeleteStatus: procedure("pointer"),
  TF_GetCode: { parameters: ["pointer"], result: "i32" },
  TF_Message: pointerFrom("pointer"),
  TF_NewBuffer: pointerFrom(),
  TF_DeleteBuffer: procedure("pointer"),
} as const;

const HOST_TENSORS = {
  TF_AllocateTensor: pointerFrom("i32", "buffer", "i32", "usize"),
  TF_DeleteTensor: procedure("pointer"),
  TF_TensorData: pointerFrom("pointer"),
  TF_TensorByteSize: { parameters: ["pointer"], result: "usize" },
  TF_StringInit: procedure("pointer"),
  TF_StringCopy: procedure("pointer", "buffer", "usize"),
  TF_StringDealloc: procedure("pointer"),
  TF_StringGetDataPointer: pointerFrom("pointer"),
  TF_StringGetSize: { parameters: ["pointer"], result: "usize" },
} as const;

const CONTEXT = {
  TFE_NewContextOptions: pointerFrom(),
  TFE_ContextOptionsSetConfig: procedure("pointer", "buffer", "usize", "pointer"),
  TFE_DeleteContextOptions: procedure("pointer"),
  TFE_NewContext: pointerFrom("pointer", "pointer"),
  TFE_DeleteContext: procedure("pointer"),
  TFE_ContextListDevices: pointerFrom("pointer", "pointer"),
  TF_DeviceListCount: { parameters: ["pointer"], result: "i32" },
  TF_DeviceListName: pointerFrom("pointer", "i32", "pointer"),
  TF_DeviceListType: pointerFrom("pointer", "i32", "pointer"),
  TF_DeleteDeviceList: procedure("pointer"),
} as const;

const EAGER = {
  TFE_NewTensorHandle: { parameters: ["pointer", "pointer"], result: "u64" },
  TFE_DeleteTensorHandle: procedure("u64"),
  TFE_TensorHandleResolve: pointerFrom("u64", "pointer"),
  TFE_TensorHandleCopyToDevice: {
    parameters: ["u64", "pointer", "buffer", "pointer"],
    result: "u64",
  },
  TFE_TensorHandleDataType: { parameters: ["u64"], result: "i32" },
  TFE_TensorHandleNumDims: { parameters: ["u64", "pointer"], result: "i32" },
  TFE_TensorHandleDim: { parameters: ["u64", "i32", "pointer"], result: "i32" },
  TFE_NewOp: pointerFrom("pointer", "buffer", "pointer"),
  TFE_DeleteOp: procedure("pointer"),
  TFE_OpAddInput: procedure("pointer", "u64", "pointer"),
  TFE_OpSetAttrString: procedure("pointer", "buffer", "buffer", "usize"),
  TFE_OpSetAttrInt: procedure("pointer", "buffer", "i64"),
  TFE_OpSetAttrFloat: procedure("pointer", "buffer", "f32"),
  TFE_OpSetAttrBool: procedure("pointer", "buffer", "u8"),
  TFE_OpSetAttrType: procedure("pointer", "buffer", "i32"),
  TFE_OpSetAttrShape: procedure("pointer", "buffer", "buffer", "i32", "pointer"),
  TFE_OpSetAttrIntList: procedure("pointer", "buffer", "buffer", "i32"),
  TFE_OpSetAttrFloatList: procedure("pointer", "buffer", "buffer", "i32"),
  TFE_OpSetAttrBoolList: procedure("pointer", "buffer", "buffer", "i32"),
  TFE_OpSetAttrTypeList: procedure("pointer", "buffer", "buffer", "i32"),
  TFE_Execute: procedure("pointer", "buffer", "buffer", "pointer"),
  /** The same function on another thread, so that the event loop goes on meanwhile. */
  TFE_ExecuteAsync: {
    name: "TFE_Execute",
    parameters: ["pointer", "buffer", "buffer", "pointer"],
    result: "void",
    nonblocking: true,
  },
} as const;

const GRAPH = {
  TF_NewGraph: pointerFrom(),
  TF_DeleteGraph: procedure("pointer"),
  TF_NewOperation: pointerFrom("pointer", "buffer", "buffer"),
  TF_FinishOperation: pointerFrom("pointer", "pointer"),
  TF_AddInput: procedure("pointer", OUTPUT),
  TF_AddInputList: procedure("pointer", "buffer", "i32"),
  TF_AddControlInput: procedure("pointer", "pointer"),
  TF_SetAttrString: procedure("pointer", "buffer", "buffer", "usize"),
  TF_SetAttrInt: procedure("pointer", "buffer", "i64"),
  TF_SetAttrFloat: procedure("pointer", "buffer", "f32"),
  TF_SetAttrBool: procedure("pointer", "buffer", "u8"),
  TF_SetAttrType: procedure("pointer", "buffer", "i32"),
  TF_SetAttrShape: procedure("pointer", "buffer", "buffer", "i32"),
  TF_SetAttrIntList: procedure("pointer", "buffer", "buffer", "i32"),
  TF_SetAttrFloatList: procedure("pointer", "buffer", "buffer", "i32"),
  TF_SetAttrBoolList: procedure("pointer", "buffer", "buffer", "i32"),
  TF_SetAttrTypeList: procedure("pointer", "buffer", "buffer", "i32"),
  TF_SetAttrTensor: procedure("pointer", "buffer", "pointer", "pointer"),
  TF_OperationNumOutputs: { parameters: ["pointer"], result: "i32" },
  TF_OperationOutputType: { parameters: [OUTPUT], result: "i32" },
  TF_GraphGetTensorNumDims: { parameters: ["pointer", OUTPUT, "pointer"], result: "i32" },
  TF_GraphGetTensorShape: procedure("pointer", OUTPUT, "buffer", "i32", "pointer"),
  TF_GraphSetTensorShape: procedure("pointer", OUTPUT, "buffer", "i32", "pointer"),
  TF_GraphGetOpDef: procedure("pointer", "buffer", "pointer", "pointer"),
  TF_GraphToFunctionWithControlOutputs: pointerFrom(
    "pointer", // graph
    "buffer", // name
    "u8", // append a hash to the name
    "i32", // operations of the graph to take: -1 for all
    "pointer",
    "i32", // inputs
    "buffer",
    "i32", // outputs
    "buffer",
    "pointer", // output names
    "i32", // control outputs
    "buffer",
    "pointer", // control output names
    "pointer", // options
    "pointer", // description
    "pointer", // status
  ),
  TF_FunctionSetAttrValueProto: procedure("pointer", "buffer", "buffer", "usize", "pointer"),
  TF_DeleteFunction: procedure("pointer"),
  TFE_ContextAddFunction: procedure("pointer", "pointer", "pointer"),
  TFE_ContextRemoveFunction: procedure("pointer", "buffer", "pointer"),
} as const;

/** Every function of the library that the backend calls. */
export const TENSORFLOW_SYMBOLS = {
  ...STATUS,
  ...HOST_TENSORS,
  ...CONTEXT,
  ...EAGER,
  ...GRAPH,
} as const;

/** The C library: `memcpy` between the memory of JavaScript and that of TensorFlow, and files. */
export const LIBC_SYMBOLS = {
  copyIn: { name: "memcpy", parameters: ["pointer", "buffer", "usize"], result: "void" },
  copyOut: { name: "memcpy", parameters: ["buffer", "pointer", "usize"], result: "void" },
  openFile: { name: "open", parameters: ["buffer", "i32"], result: "i32" },
  mapFile: {
    name: "mmap",
    parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"],
    result: "pointer",
  },
  closeFile: { name: "close", parameters: ["i32"], result: "i32" },
} as const;
