import { wasmTest } from "../backend.ts";
import { defineParityTests } from "./parity.ts";

defineParityTests(wasmTest);
