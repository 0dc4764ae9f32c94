import { strict as assert } from "node:assert";
import { nativeTest } from "../native_library.ts";
import { runPeerSuite } from "./peer_suite.ts";

/** Specs that fail, with what their message must be. */
const KNOWN = new Map([
  // TensorFlow refuses the index itself, in its own words: the check of tfjs-node reads the indices
  // back, which a recorded step cannot.
  ["gather test-tensorflow {} throws when index is out of bound", /indices\[0\] = 100 is not in/],
]);

nativeTest("tfjs-core's own test-suite passes on the native backend", async () => {
  const { passed, failed } = await runPeerSuite();
  const unexpected = [...failed].filter(([name, message]) => !KNOWN.get(name)?.test(message));
  assert.deepEqual(unexpected, []);
  assert.deepEqual([...KNOWN.keys()].filter((name) => !failed.has(name)), []);
  assert.ok(passed > 3800, `only ${passed} specs ran`);
});
