import assert from "node:assert/strict";
import { type Claim, judgeClaims, parseClaims, type ReportInput } from "../../lib/report/mod.ts";
import { STORIES, type Story, syntheticInput } from "./synthetic.ts";

const path = new URL("../../claims.yaml", import.meta.url);
const claims = parseClaims(Deno.readTextFileSync(path), "claims.yaml");

const base: Claim = {
  id: "a",
  statement: "a statement",
  section: "4",
  dataset: "CIFAR10",
  figure: "table-2",
  measurement: { kind: "knn_gain", condition: "random_augmented" },
  direction: "above",
  value: 5,
  seeds: 3,
  test: "mean",
  memorization: false,
  may_fail: "The sun may shine.",
};

function judge(claim: Partial<Claim>, input: ReportInput = syntheticInput()) {
  return judgeClaims({ ...input, claims: [{ ...base, ...claim }] })[0];
}

function withStory(change: Partial<Story>, labels = "random", augmentation = "cached") {
  return syntheticInput({
    stories: STORIES.map((story) =>
      story.labels === labels && story.augmentation === augmentation
        ? { ...story, ...change }
        : story
    ),
  });
}

/** An input whose random, augmented runs gain the given points, seed by seed; without predictions. */
function withGains(...gains: number[]): ReportInput {
  const input = syntheticInput();
  return {
    ...input,
    runs: input.runs.map((run) => {
      if (run.axes.labels !== "random" || run.axes.augmentation !== "cached") return run;
      const last = Math.max(...run.probe.map(({ epoch }) => epoch));
      const init = run.probe.find(({ epoch, layer, bank }) =>
        epoch === 0 && layer === "embedding" && bank === "clean"
      )!.accuracy;
      return {
        ...run,
        predictions: [],
        probe: run.probe.map((row) =>
          row.epoch === last && row.layer === "embedding" && row.bank === "clean"
            ? { ...row, accuracy: init + gains[Number(run.axes.seed)] / 100 }
            : row
        ),
      };
    }),
  };
}

Deno.test("a claim is supported if its one-sided bound lies beyond the value", () => {
  const { outcome, n, evidence } = judge({}, withGains(30, 31, 32));
  assert.deepEqual([outcome, n], ["supported", 3]);
  // t(2) = 2.9200 times a standard error of 1 / sqrt(3) is 1.69.
  assert.match(evidence, /points: 31 \(seeds 30, 31, 32\); asked for: above 5; /);
  assert.match(evidence, /Student's t over 3 seeds: one-sided 95 % bounds \[29\.3, 32\.7\]/);
});

Deno.test("a claim tells how large its effects are, part by part", () => {
  const [{ part, value, low, high }] = judge({}, withGains(30, 31, 32)).effects;
  assert.equal(part, "");
  assert.ok(Math.abs(value - 31) < 1e-9);
  // t(2) = 2.9200 times a standard error of 1 / sqrt(3).
  assert.ok(Math.abs(low! - 29.314) < 1e-3 && Math.abs(high! - 32.686) < 1e-3);
  const layers = { kind: "layer_gains", condition: "random_augmented" } as const;
  assert.deepEqual(
    judge({ measurement: layers }).effects.map(({ part }) => part),
    ["stem", "layer1", "layer2", "layer3", "embedding"],
  );
  const course = { kind: "invariance_trend", condition: "random_augmented" } as const;
  const falls = judge({ measurement: course, direction: "falls" });
  assert.deepEqual(falls.effects, [{ part: "", value: -1, low: null, high: null }]);
  assert.deepEqual(judge({}, syntheticInput({ stories: [] })).effects, []);
});

Deno.test("a claim is not supported if its bound on the other side falls short", () => {
  assert.equal(judge({}, withGains(1, 2, 1)).outcome, "not supported");
});

Deno.test("bounds on both sides of the value are not enough data, and neither are too few seeds", () => {
  assert.equal(judge({}, withGains(0, 10, 20)).outcome, "not enough data");
  const two = judge({}, syntheticInput({ seeds: [0, 1] }));
  assert.deepEqual([two.outcome, two.n], ["not enough data", 2]);
});

Deno.test("a claim whose runs do not exist is not run", () => {
  const none = judge({}, syntheticInput({ stories: STORIES.slice(0, 1) }));
  assert.deepEqual([none.outcome, none.n], ["not run", 0]);
});

Deno.test("below and equal are judged against their own bounds", () => {
  const below = { direction: "below", value: 3 } as const;
  assert.equal(judge(below, withGains(-1, 0, 1)).outcome, "supported");
  assert.equal(judge(below, withGains(30, 31, 32)).outcome, "not supported");
  const equal = { direction: "equal", value: 0, margin: 5 } as const;
  assert.equal(judge(equal, withGains(-1, 0, 1)).outcome, "supported");
  assert.equal(judge(equal, withGains(-9, -8, -9)).outcome, "not supported");
});

Deno.test("the test for each seed fails if a single seed does", () => {
  const each = { test: "each" } as const;
  assert.equal(judge(each, withGains(6, 30, 12)).outcome, "supported");
  assert.equal(judge(each, withGains(4, 30, 12)).outcome, "not supported");
});

Deno.test("p-values are corrected for all claims tested, and the correction decides", () => {
  const input = withGains(30, 31, 32);
  const [first] = judgeClaims({ ...input, claims: [base, { ...base, id: "b" }] });
  // t = (31 - 5) / (1 / sqrt(3)) = 45.03 with 2 degrees: one-sided p = 0.000246.
  assert.match(
    first.evidence,
    /one-sided p < 0\.001, with Benjamini and Hochberg's correction for 2 claims at level 0\.05 < 0\.001/,
  );
  const weak = judge({}, withGains(6, 8, 10));
  // t = 3 / (2 / sqrt(3)) = 2.598: one-sided p = 0.0608.
  assert.match(weak.evidence, /p = 0\.061/);
  // t = 31.5 / 5.2 with 2 degrees: p = 0.0131 alone, four times as much beside three failing claims.
  const clear = { ...base, value: -5 };
  const gains = withGains(16, 27, 34);
  assert.equal(judge(clear, gains).outcome, "supported");
  const hopeless = ["b", "c", "d"].map((id): Claim => ({ ...base, id, value: 90 }));
  const [among] = judgeClaims({ ...gains, claims: [clear, ...hopeless] });
  assert.match(among.evidence, /for 4 claims at level 0\.05 = 0\.05[0-9]/);
  assert.equal(among.outcome, "not enough data");
});

/** An input in which the given shares of 400 test images are right before and after training. */
function withPredictions(before: number, after: number): ReportInput {
  const input = withGains(30, 31, 32);
  const rows = (epoch: number, share: number) =>
    Array.from({ length: 400 }, (_, index) => {
      const label = index % 10;
      const right = (index * 7 % 400 + 0.5) / 400 < share;
      return { epoch, index, label, predicted: right ? label : (label + 1) % 10 };
    });
  return {
    ...input,
    runs: input.runs.map((run) => {
      const last = Math.max(...run.probe.map(({ epoch }) => epoch));
      return { ...run, predictions: [...rows(0, before), ...rows(last, after)] };
    }),
  };
}

Deno.test("where predictions were kept, the bounds over test images have to agree", () => {
  const clear = judge({}, withPredictions(0.3, 0.61));
  assert.equal(clear.outcome, "supported");
  assert.match(clear.evidence, /Student's t over 3 seeds: one-sided 95 % bounds \[29\.3, 32\.7\]/);
  assert.match(clear.evidence, /one-sided p, the larger of 2, < 0\.001/);
  const bounds =
    /paired bootstrap over 400 test images, given the networks: one-sided 95 % bounds \[(\d\d\.?\d?), (\d\d\.?\d?)\]/
      .exec(clear.evidence)!.slice(1).map(Number);
  // 124 of 400 images change from wrong to right: 31 points, standard error 2.31.
  assert.ok(Math.abs(bounds[0] - 27.2) < 1 && Math.abs(bounds[1] - 34.8) < 1, `${bounds}`);
  assert.equal(judge({}, withPredictions(0.3, 0.36)).outcome, "not enough data");
  assert.equal(judge({}, withPredictions(0.3, 0.3)).outcome, "not supported");
});

Deno.test("predictions of other images are not paired", () => {
  const input = withPredictions(0.3, 0.61);
  const shifted = input.runs.map((run) => ({
    ...run,
    predictions: run.predictions.map((row) =>
      row.epoch === 0 ? row : { ...row, index: row.index + 1 }
    ),
  }));
  assert.doesNotMatch(judge({}, { ...input, runs: shifted }).evidence, /test images/);
});

Deno.test("bounds of a share stay within 0 and 100 %", () => {
  const measurement = { kind: "knn", condition: "random_augmented" } as const;
  const input = withGains(69, 60, 66);
  const { evidence } = judge({ measurement, value: 10 }, input);
  assert.match(evidence, /95 % bounds \[\d+(\.\d)?, 100\]/);
});

Deno.test("the digest of a claim's data changes with what it rests on, and with nothing else", () => {
  const { data } = judge({}, withGains(30, 31, 32));
  assert.match(data!, /^[0-9a-f]{16}$/);
  assert.equal(judge({ value: 2 }, withGains(30, 31, 32)).data, data);
  assert.notEqual(judge({}, withGains(30, 31, 33)).data, data);
  const input = withGains(30, 31, 32);
  const longer = input.runs.map((run) => ({ ...run, history: run.history.slice(1) }));
  assert.equal(judge({}, { ...input, runs: longer }).data, data);
});

Deno.test("the paper's claims hold for runs that tell the paper's story", () => {
  const stories = STORIES.map((story) =>
    story.labels === "random" && story.augmentation === "none" ? { ...story, knn: 0.22 } : story
  );
  const judged = judgeClaims(syntheticInput({ claims, stories }));
  const outcomes = new Map(judged.map(({ claim, outcome }) => [claim.id, outcome]));
  for (
    const id of [
      ...["random-none-fits", "random-none-malign", "random-augmented-fits", "benign"],
      ...["augmented-over-none", "clean-over-random", "longer-than-none", "longer-than-clean"],
      ...["clean-probing-over-init", "clean-probing-falls-in-projector"],
      ...["output-guesses-clean-labels", "encoder-ignores-noise", "projector-memorises"],
      ...["invariance-falls", "invariance-correlates", "invariance-in-encoder"],
    ]
  ) {
    assert.equal(outcomes.get(id), "supported", id);
  }
  assert.equal(outcomes.get("transfer"), "not run");
  assert.equal(outcomes.get("more-views-better"), "not run");
});

Deno.test("the paper's claims fail for runs that tell another story", () => {
  const fails = (id: string, input: ReportInput) => {
    const [{ outcome }] = judgeClaims({
      ...input,
      claims: claims.filter((claim) => claim.id === id),
    });
    assert.equal(outcome, "not supported", id);
  };
  fails("benign", withStory({ knn: 0.3 }));
  fails("random-augmented-fits", withStory({ fit: 0.9 }));
  fails("random-none-malign", withStory({ knn: 0.6 }, "random", "none"));
  fails("clean-over-random", withStory({ knn: 0.5 }, "clean"));
  fails("longer-than-none", withStory({ epochs: 10 }));
  const swapped = syntheticInput();
  fails("encoder-ignores-noise", {
    ...swapped,
    runs: swapped.runs.map((run) => ({
      ...run,
      probe: run.probe.map((row) =>
        row.bank === "noisy" && row.layer === "layer2"
          ? { ...row, accuracy: row.accuracy + 0.2 }
          : row
      ),
    })),
  });
  fails("invariance-falls", {
    ...swapped,
    runs: swapped.runs.map((run) => ({
      ...run,
      invariance: run.invariance.map((row) => ({ ...row, invariance: 1 - row.invariance })),
    })),
  });
});

interface QuoteGolden {
  readonly quote: string;
  readonly section: string;
  readonly sentence: string;
}

Deno.test("every claim quotes the paper word for word, from the section that it names", () => {
  const path = new URL("../golden/report/quotes.json", import.meta.url);
  const golden: QuoteGolden[] = JSON.parse(Deno.readTextFileSync(path));
  for (const { id, statement, section } of claims) {
    const quotes = [...statement.matchAll(/“([^”]+)”/g)].map(([, quote]) => quote);
    assert.ok(quotes.length > 0, `${id} quotes nothing`);
    for (const quote of quotes) {
      const places = golden.filter(({ sentence }) => sentence.includes(quote));
      assert.ok(places.length > 0, `${id}: "${quote}" is not in the paper`);
      const named = section.split(/; |, /);
      assert.ok(
        places.some((place) => named.includes(place.section)),
        `${id}: "${quote}" stands in ${places.map((place) => place.section)}, not in ${section}`,
      );
    }
  }
});

Deno.test("claims.yaml holds the paper's claims from its background to its last appendix", () => {
  assert.ok(claims.length >= 50);
  const sections = claims.map(({ section }) => section).join(" ");
  for (const part of ["3", "4", "5", "5.1", "5.2", "Appendix A", "Appendix C", "Appendix E"]) {
    assert.ok(sections.includes(part), part);
  }
});

Deno.test("claims that speak of the same numbers say whose these are", () => {
  const key = ({ measurement }: Claim) => JSON.stringify(measurement);
  for (const group of Map.groupBy(claims, key).values()) {
    assert.ok(
      group.slice(1).every(({ shares }) => group.some(({ id }) => id === shares)),
      group.map(({ id }) => id).join(", "),
    );
  }
  const shares = { shares: "random-none-fits" };
  assert.match(judge(shares, withGains(30, 31, 32)).evidence, /also those of "random-none-fits"/);
});

Deno.test("a statement about memorization does not apply to a run that does not fit its labels", () => {
  const memorization = { memorization: true };
  const { outcome, evidence } = judge(memorization, withStory({ fit: 0.9 }));
  assert.equal(outcome, "not applicable");
  assert.match(
    evidence,
    /^no memorization \(Definition 4\.1 asks for a perfect fit\): train@labels=random,augmentation=cached,seed=0 fits 90\.0 %/,
  );
  assert.equal(judge(memorization).outcome, "supported");
  assert.equal(judge({}, withStory({ fit: 0.9 })).outcome, "supported");
});

Deno.test("a statement about some setting does not apply to another", () => {
  const only = { only: { dataset: "cifar10" } };
  const { outcome, evidence } = judge(only);
  assert.equal(outcome, "not applicable");
  assert.match(
    evidence,
    /^the statement is about another setting: dataset is to be cifar10 and is /,
  );
  assert.equal(judge({ only: { dataset: "textures", encoder: "narrow" } }).outcome, "supported");
});

Deno.test("a claim that does not apply counts for no correction", () => {
  const input = { ...withGains(30, 31, 32) };
  const other = { ...base, id: "b", only: { dataset: "cifar10" } };
  const [{ evidence }] = judgeClaims({ ...input, claims: [base, other] });
  assert.match(evidence, /correction for 1 claim at/);
});

Deno.test("a value or a margin may be a share of what INIT has above chance", () => {
  // INIT is 30 on average, and chance 25.
  const value = { of_init: 1 };
  assert.match(
    judge({ value }, withGains(30, 31, 32)).evidence,
    /asked for: above 5 \(as much as INIT/,
  );
  const equal = { direction: "equal", value: 0, margin: { of_init: 0.5 } } as const;
  const { evidence, outcome } = judge(equal, withGains(0, 0.5, -0.5));
  assert.match(evidence, /between -2\.5 and 2\.5 \(50 % of what INIT has above chance\)/);
  assert.match(evidence, /one-sided p, the larger of 2, /);
  assert.equal(outcome, "supported");
});

Deno.test("a claim of several parts holds if all do, and fails if one does", () => {
  const measurement = { kind: "layer_gains", condition: "random_augmented" } as const;
  const input = syntheticInput();
  const withLayer1 = (points: number): ReportInput => ({
    ...input,
    runs: input.runs.map((run) => ({
      ...run,
      probe: run.probe.map((row) =>
        row.layer === "layer1" && row.bank === "clean" && row.epoch > 0
          ? { ...row, accuracy: 0.3 + (points + Number(run.axes.seed)) / 100 }
          : row
      ),
    })),
  });
  const all = judge({ measurement, value: 0 }, withLayer1(20));
  assert.equal(all.outcome, "supported");
  assert.match(
    all.evidence,
    /stem .*, layer1 .*, embedding .*; asked for: above 0; stem, Student's t/,
  );
  assert.match(all.evidence, /one-sided p, the largest of 5,/);
  assert.equal(judge({ measurement, value: 0 }, withLayer1(-20)).outcome, "not supported");
  assert.equal(judge({ measurement, value: 0 }, withLayer1(-1)).outcome, "not enough data");
});

Deno.test("a mistake in claims.yaml is named with its line", () => {
  const text = `claims:
  - id: a
    statement: s
    section: "4"
    dataset: d
    figure: table-2
    measurement: { kind: knn_gain, condition: random_agumented }
    direction: above
    may_fail: It may.
  - id: b
    statement: s
    section: "4"
    dataset: d
    figure: table-2
    measurement: { kind: knn, condition: random_none }
    direction: upwards
    may_fail: It may.
`;
  assert.throws(() => parseClaims(text, "claims.yaml"), (error: Error) => {
    assert.match(error.message, /^claims\.yaml:7:47: claims\.0\.measurement\.condition: /m);
    assert.match(error.message, /^claims\.yaml:16:16: claims\.1\.direction: /m);
    return true;
  });
  assert.throws(() => parseClaims("claims: [", "claims.yaml"), /^Error: claims\.yaml:1:10: /);
});

Deno.test("a trend rises or falls, only equality has a margin, and ids are unique", () => {
  const claim = (id: string, rest: string) =>
    `  - { id: ${id}, statement: s, section: "4", dataset: d, figure: table-2, may_fail: It may., ` +
    `measurement: { kind: knn, condition: random_none }, ${rest} }\n`;
  const read = (text: string) => () => parseClaims(`claims:\n${text}`, "claims.yaml");
  assert.throws(
    read(claim("a", "direction: rises")),
    /claims\.yaml:2:5: .*a trend "rises" or "falls"/,
  );
  assert.throws(read(claim("a", "direction: above, margin: 3")), /only "equal" has a margin/);
  assert.throws(
    read(claim("a", "direction: equal")),
    /only "equal" has a margin, and it needs one/,
  );
  const twice = claim("a", "direction: above").repeat(2);
  assert.throws(read(twice), /ids must differ/);
  const shares = claim("a", "direction: above, shares: b");
  assert.throws(read(shares), /can only share the runs of another claim/);
});
