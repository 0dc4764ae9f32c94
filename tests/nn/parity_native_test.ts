import { nativeTest } from "./backend.ts";
import { defineParityTests } from "./parity.ts";

defineParityTests(nativeTest);
