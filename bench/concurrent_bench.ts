/**
 * Whether runs at once disturb each other: the steps of two training processes with one thread each
 * (`train-narrow/two-runs`) against those of one alone, and, as what the cores allow, the same of
 * two processes that multiply matrices which fit into a core's cache. Both sides start their
 * processes alike; a ratio of 1 means that the second process costs the first nothing.
 *
 * @module
 */
import { type Bench, type Measurement, median } from "./bench.ts";
import { type Side, startSide } from "./side.ts";

const PROCESSES = 2;

const settings = [
  { network: "narrow", batchSize: 32, stepsPerRound: 150 },
  { network: "resnet18", batchSize: 32, stepsPerRound: 5 },
] as const;

export const benches: Bench[] = settings.map(({ network, batchSize, stepsPerRound }) => ({
  name: `train-${network}/two-runs`,
  run: ({ rounds }) =>
    measure(`train-${network}/two-runs`, rounds, [network, batchSize, 1, stepsPerRound]),
}));

async function measure(
  bench: string,
  rounds: number,
  args: readonly (string | number)[],
): Promise<Measurement[]> {
  using trainers = await Pair.start("train_side.ts", args.map(String));
  using products = await Pair.start("product_side.ts", []);
  const training: Round[] = [];
  const limit: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    training.push(await trainers.round());
    limit.push(await products.round());
  }
  const counted = training.slice(1);
  return [{
    bench,
    ours: median(counted.map(({ together }) => together)),
    baseline: "the same process alone",
    theirs: median(counted.map(({ alone }) => alone)),
    ratio: slowdown(counted),
    rounds,
    note: `${PROCESSES} processes at once, a thread each; the cores allow ` +
      `${slowdown(limit.slice(1)).toFixed(2)} (matrix products in cache); ${trainers.description}`,
  }];
}

/** Milliseconds of the same work in a process alone, and in each of two at once. */
interface Round {
  readonly alone: number;
  readonly together: number;
}

function slowdown(rounds: readonly Round[]): number {
  return median(rounds.map(({ together, alone }) => together / alone));
}

/** Two processes that do the same. */
class Pair implements Disposable {
  readonly description: string;
  readonly #sides: readonly Side[];

  private constructor(sides: readonly Side[]) {
    this.#sides = sides;
    this.description = sides[0].description;
  }

  static async start(script: string, args: readonly string[]): Promise<Pair> {
    const sides = Array.from({ length: PROCESSES }, () => startSide(script, args));
    return new Pair(await Promise.all(sides));
  }

  async round(): Promise<Round> {
    const alone = Number(await this.#sides[0].measure());
    const times = await Promise.all(this.#sides.map((side) => side.measure()));
    return { alone, together: median(times.map(Number)) };
  }

  [Symbol.dispose](): void {
    for (const side of this.#sides) side[Symbol.dispose]();
  }
}
