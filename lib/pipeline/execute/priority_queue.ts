/**
 * A priority queue: a binary heap, so that 100,000 that wait cost a logarithm each.
 *
 * @module
 */

/** Gives back what goes first by an order. */
export class PriorityQueue<T> {
  readonly #heap: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** What goes first; it stays in the queue. */
  peek(): T | undefined {
    return this.#heap[0];
  }

  push(item: T): void {
    const heap = this.#heap;
    let at = heap.length;
    for (let parent; at > 0 && this.#isBefore(item, heap[parent = (at - 1) >> 1]); at = parent) {
      heap[at] = heap[parent];
    }
    heap[at] = item;
  }

  /** Takes out what goes first. */
  pop(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || last === undefined) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < heap.length && this.#isBefore(heap[child + 1], heap[child])) child += 1;
      if (child >= heap.length || !this.#isBefore(heap[child], last)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return first;
  }
}
