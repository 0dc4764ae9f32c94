/**
 * How many workers make online views beside a training run.
 *
 * @module
 */
import type { RuntimeInfo } from "../../tensorflow/runtime.ts";

/**
 * Workers that keep up with the fastest step known: at 32 x 32 four of them make 80,000 views a
 * second. A worker takes some 25 MB.
 */
const MOST_WORKERS = 4;

/**
 * The number of workers for online views; 0 means that the thread which drives the training makes
 * them. It changes no result, only who does the work: what is made ahead is bounded, so that workers
 * never do more than the steps use up.
 *
 * - On a GPU the steps leave the CPU idle, and a view costs more than its share of a step: the cores
 *   are for the workers, whatever the number of slots.
 * - On a CPU with one slot there is no core for a worker. The driving thread, which sleeps while the
 *   library computes a step on its own thread, makes the views of the next batch meanwhile: 4 % of a
 *   step of the narrow ResNet, 0.1 % of one of ResNet18.
 * - With more slots a step is that much shorter. As many threads as there are beside the driving one
 *   share the views, and sleep where the queue is full.
 *
 * @param info The runtime that trains.
 * @param cores Those of the machine.
 */
export function onlineWorkers({ device, threads }: RuntimeInfo, cores: number): number {
  const available = device.startsWith("GPU: ") ? cores : threads;
  return Math.min(MOST_WORKERS, Math.max(0, available - 1));
}
