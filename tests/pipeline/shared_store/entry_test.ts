import assert from "node:assert/strict";
import { keyOf } from "../../../lib/pipeline/freshness/key.ts";
import type { KeyParts, Manifest } from "../../../lib/pipeline/store/manifest.ts";
import type { PlannedStage } from "../../../lib/pipeline/plan/plan.ts";
import {
  decodeActionResult,
  encodeActionResult,
} from "../../../lib/pipeline/shared_store/action_result.ts";
import { DamageError } from "../../../lib/pipeline/shared_store/damage_error.ts";
import { decodeEntry, encodeEntry } from "../../../lib/pipeline/shared_store/entry.ts";

const PARTS: KeyParts = {
  format: 1,
  code: "c",
  params: { rate: 0.1 },
  locations: {},
  inputs: {},
  seed: 0,
};
const OUTPUTS = {
  table: { kind: "committed", columns: ["value"], show: null },
  report: { kind: "files", columns: [], show: null },
} as PlannedStage["outputs"];

async function manifest(change: Partial<Manifest> = {}): Promise<Manifest> {
  return {
    key: await keyOf(PARTS),
    parts: PARTS,
    instance: "stage@seed=0",
    outputs: {
      table: { kind: "table", file: "a".repeat(64), bytes: 300, rows: 2, columns: { value: "d" } },
      report: { kind: "files", files: { "a/b.txt": { file: "b".repeat(64), bytes: 5 } } },
    },
    metrics: { accuracy: 0.5 },
    environment: { device: "cpu", versions: {} },
    host: "host",
    finishedAt: "2026-01-01T00:00:00.000Z",
    seconds: 1.5,
    peakMemoryBytes: 2 ** 33,
    ...change,
  };
}

Deno.test("a manifest comes back as it was sent", async () => {
  const sent = await manifest();
  assert.deepEqual(await decodeEntry(await encodeEntry(sent), sent.key, OUTPUTS), sent);
});

Deno.test("an entry is the bytes that the protocol's definition prescribes", () => {
  const blobs = [{ path: "t", file: "ab", bytes: 300 }];
  // output_files (2): path (1) "t", digest (2): hash (1) "ab", size_bytes (2) 300; stdout_raw (5) "x".
  assert.deepEqual(
    [...encodeActionResult(blobs, new TextEncoder().encode("x"))],
    [0x12, 12, 0x0a, 1, 0x74, 0x12, 7, 0x0a, 2, 0x61, 0x62, 0x10, 0xac, 0x02, 0x2a, 1, 0x78],
  );
});

Deno.test("fields that others add to an entry are passed over", () => {
  const extra = [0x20, 0x05, 0x31, 1, 2, 3, 4, 5, 6, 7, 8, 0x5d, 1, 2, 3, 4];
  const entry = encodeActionResult([], Uint8Array.of(9));
  assert.deepEqual(decodeActionResult(Uint8Array.from([...extra, ...entry])), Uint8Array.of(9));
});

Deno.test("no cut or changed byte of an entry passes for a manifest of its key", async () => {
  const sent = await manifest();
  const bytes = await encodeEntry(sent);
  const isRefused = async (damaged: Uint8Array) => {
    const found = await decodeEntry(damaged, sent.key, OUTPUTS).catch((error) => error);
    if (found instanceof DamageError) return true;
    // What names the blobs for the server is not what is read.
    assert.deepEqual(found, sent);
    return false;
  };
  for (let length = 0; length < bytes.length; length += 7) {
    assert.ok(await isRefused(bytes.subarray(0, length)), `cut to ${length}`);
  }
  let refused = 0;
  for (let at = 0; at < bytes.length; at += 3) {
    if (await isRefused(bytes.map((byte, i) => i === at ? byte ^ 4 : byte))) refused += 1;
  }
  assert.ok(refused > bytes.length / 6, `${refused} changes noticed`);
});

Deno.test("a manifest of another key, of another stage or with a path that leads out is refused", async () => {
  const sent = await manifest();
  const outside = { kind: "files", files: { "../evil": { file: "b".repeat(64), bytes: 5 } } };
  const { table } = sent.outputs;
  const cases: [Manifest, RegExp][] = [
    [await manifest({ key: "f".repeat(64) }), /another key/],
    [await manifest({ parts: { ...PARTS, seed: 1 } }), /another key/],
    [await manifest({ outputs: { table } }), /lacks outputs/],
    [await manifest({ outputs: { table, report: table } }), /lacks outputs/],
    [await manifest({ outputs: { table, report: outside as never } }), /no manifest/],
    [await manifest({ outputs: { table: { ...table, file: "../x" } as never } }), /no manifest/],
  ];
  for (const [wrong, expected] of cases) {
    await assert.rejects(decodeEntry(await encodeEntry(wrong), sent.key, OUTPUTS), expected);
  }
});

Deno.test("a metric that is not a number is left out, and the entry serves", async () => {
  const sent = await manifest({ metrics: { accuracy: 0.5, loss: NaN } });
  const { metrics } = await decodeEntry(await encodeEntry(sent), sent.key, OUTPUTS);
  assert.deepEqual(metrics, { accuracy: 0.5 });
});

Deno.test("an entry that is nested without end is damage", async () => {
  const nested = "[".repeat(100_000) + "]".repeat(100_000);
  const whole = JSON.stringify({ sha256: "0".repeat(64), manifest: await manifest() });
  const text = whole.replace('"rate":0.1', `"rate":${nested}`);
  const entry = encodeActionResult([], new TextEncoder().encode(text));
  await assert.rejects(
    decodeEntry(entry, await keyOf(PARTS), OUTPUTS),
    (error) => error instanceof DamageError && /nested too deeply/.test(error.message),
  );
});
