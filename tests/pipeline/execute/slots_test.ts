import assert from "node:assert/strict";
import { type Slot, Slots } from "../../../lib/pipeline/execute/slots.ts";
import type { Request } from "../../../lib/pipeline/stage/interface.ts";

const NOTHING: Request = { cpu: 1, spareCpus: false, gpu: 0, memory: 0 };

function machine(cpus: number) {
  return new Slots({ cpus, memory: 8, visibleGpus: null });
}

function cpusOf(slots: readonly Slot[]): number[] {
  return slots.map(({ cpus }) => cpus);
}

Deno.test("who wants spare CPUs gets all of them when it is alone", async () => {
  const slots = machine(8);
  const request = { ...NOTHING, spareCpus: true };
  const alone = await slots.acquire(request, 0);
  assert.equal(alone.cpus, 8);
  alone.release();
  assert.equal((await slots.acquire({ ...NOTHING, cpu: 8 }, 0)).cpus, 8, "all are given back");
});

Deno.test("spare CPUs are what others leave over, in equal shares", async () => {
  const slots = machine(9);
  const spare = { ...NOTHING, spareCpus: true };
  const granted = await Promise.all([
    slots.acquire(spare, 3),
    slots.acquire({ ...NOTHING, cpu: 3 }, 1),
    slots.acquire(spare, 2),
  ]);
  assert.deepEqual(cpusOf(granted), [3, 3, 3]);
});

Deno.test("nobody waits for the sake of spare CPUs", async () => {
  const slots = machine(2);
  const spare = { ...NOTHING, spareCpus: true };
  const granted = await Promise.all([slots.acquire(spare, 9), slots.acquire(NOTHING, 0)]);
  assert.deepEqual(cpusOf(granted), [1, 1]);
});
