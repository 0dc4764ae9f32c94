/**
 * What feeding a training step costs: shuffled batches of uint8 views with mixup, read from an Arrow
 * file as the stage `train` reads them (`input`), or made while training runs: by the driving thread
 * (`input-online`, what the stage does on one CPU slot) or by workers (`input-workers`). Of each
 * there are two lines: the share of a step for which it had to wait, whose limit is 3 %, and a
 * step's time against that of a step whose batch stays where it is, which shows what the waiting
 * hides.
 *
 * @module
 */
import { type Bench, type Measurement, median } from "./bench.ts";
import type { InputRound } from "./input_side.ts";
import { startSide } from "./side.ts";

const LIMIT_PERCENT = 3;
const WORKERS = 2;

const networks = [
  { network: "narrow", batchSize: 32, stepsPerRound: 100 },
  { network: "resnet18", batchSize: 32, stepsPerRound: 6 },
] as const;
const sources = [
  { variant: "input", source: "cached", says: "views from an Arrow file" },
  { variant: "input-online", source: "online-0", says: "online views, no worker" },
  {
    variant: "input-workers",
    source: `online-${WORKERS}`,
    says: `online views, ${WORKERS} workers`,
  },
] as const;

type Setting = typeof networks[number] & typeof sources[number];

export const benches: Bench[] = networks.flatMap((network) =>
  sources.map((source): Bench => ({
    name: `train-${network.network}/${source.variant}`,
    run: ({ rounds }) => measure({ ...network, ...source }, rounds),
  }))
);

async function measure(setting: Setting, rounds: number): Promise<Measurement[]> {
  const { network, batchSize, stepsPerRound, variant, source, says } = setting;
  using side = await startSide("input_side.ts", [
    network,
    String(batchSize),
    source,
    String(stepsPerRound),
  ]);
  const results: InputRound[] = [];
  for (let round = 0; round < rounds; round++) results.push(JSON.parse(await side.measure()));
  const bench = `train-${network}/${variant}`;
  const percent = median(results.map(({ waited, fed }) => 100 * waited / fed));
  return [{
    bench,
    ours: percent,
    baseline: "the limit",
    theirs: LIMIT_PERCENT,
    ratio: percent / LIMIT_PERCENT,
    rounds,
    unit: "% of a step waited",
    note: `${says}, mixup, batch ${batchSize}; ${side.description}`,
  }, {
    bench,
    ours: median(results.map(({ fed }) => fed)),
    baseline: "the same step on one batch again and again",
    theirs: median(results.map(({ bare }) => bare)),
    ratio: median(results.map(({ fed, bare }) => fed / bare)),
    rounds,
  }];
}
