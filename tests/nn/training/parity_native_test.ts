import { nativeTest } from "../../tensorflow/native_library.ts";
import { defineParityTests } from "./parity.ts";

defineParityTests(nativeTest);
