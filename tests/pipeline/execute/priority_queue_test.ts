import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { PriorityQueue } from "../../../lib/pipeline/execute/priority_queue.ts";
import { Slots } from "../../../lib/pipeline/execute/slots.ts";

Deno.test("a priority queue gives back what a sort would, whatever comes between", () => {
  const queue = new PriorityQueue<number>((a, b) => a < b);
  const held: number[] = [];
  for (let i = 0, state = 1; i < 2000; i++) {
    state = state * 48271 % 2147483647;
    if (state % 3 === 0) {
      held.sort((a, b) => a - b);
      assert.equal(queue.peek(), held[0]);
      assert.equal(queue.pop(), held.shift());
    } else {
      queue.push(state % 100);
      held.push(state % 100);
    }
    assert.equal(queue.size, held.length);
  }
});

Deno.test("those that wait are served by urgency, and then as they came, past what does not fit", async () => {
  const slots = new Slots({ cpus: 2, memory: 8, visibleGpus: null });
  const request = (cpu: number) => ({ cpu, spareCpus: false, gpu: 0, memory: 0 });
  const order: string[] = [];
  const ask = async (name: string, cpu: number, urgency: number) => {
    using _slot = await slots.acquire(request(cpu), urgency);
    order.push(name);
    await delay(name === "first" ? 20 : 1);
  };
  await Promise.all([
    ask("first", 1, 9),
    ask("wide", 2, 8),
    ask("a", 1, 5),
    ask("b", 1, 5),
    ask("urgent", 1, 7),
  ]);
  assert.deepEqual(order, ["first", "urgent", "a", "b", "wide"]);
});
