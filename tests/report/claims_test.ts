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
  value: 0,
  margin: 5,
  seeds: 3,
  test: "mean",
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

Deno.test("a claim is supported if the whole interval lies beyond the margin", () => {
  const { outcome, n, evidence } = judge({}, withGains(30, 31, 32));
  assert.deepEqual([outcome, n], ["supported", 3]);
  // t(2) = 4.3027 times a standard error of 1 / sqrt(3) is 2.48.
  assert.match(evidence, /points: 31 \(seeds 30, 31, 32\); asked for: above 5; /);
  assert.match(evidence, /Student's t over 3 seeds: 95 % interval \[28\.5, 33\.5\]/);
});

Deno.test("a claim is not supported if the whole interval falls short", () => {
  assert.equal(judge({}, withGains(1, 2, 1)).outcome, "not supported");
});

Deno.test("an interval across the bound is not enough data, and neither are too few seeds", () => {
  assert.equal(judge({}, withGains(0, 10, 20)).outcome, "not enough data");
  const two = judge({}, syntheticInput({ seeds: [0, 1] }));
  assert.deepEqual([two.outcome, two.n], ["not enough data", 2]);
});

Deno.test("a claim whose runs or measurement do not exist is not run", () => {
  const none = judge({}, syntheticInput({ stories: STORIES.slice(0, 1) }));
  assert.deepEqual([none.outcome, none.n], ["not run", 0]);
  const unmeasured = judge({ measurement: undefined, needs: "A probe is missing." });
  assert.deepEqual([unmeasured.outcome, unmeasured.evidence], ["not run", "A probe is missing."]);
});

Deno.test("below and equal are judged against their own bounds", () => {
  const below = { direction: "below", value: 3, margin: 0 } as const;
  assert.equal(judge(below, withGains(-1, 0, 1)).outcome, "supported");
  assert.equal(judge(below, withGains(30, 31, 32)).outcome, "not supported");
  const equal = { direction: "equal", value: 0, margin: 5 } as const;
  assert.equal(judge(equal, withGains(-1, 0, 1)).outcome, "supported");
  assert.equal(judge(equal, withGains(-9, -8, -9)).outcome, "not supported");
});

Deno.test("the test for each seed fails if a single seed does", () => {
  const each = { test: "each", margin: 5 } as const;
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
  const clear = { ...base, value: -5, margin: 0 };
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

Deno.test("where predictions were kept, the interval over test images has to agree", () => {
  const clear = judge({}, withPredictions(0.3, 0.61));
  assert.equal(clear.outcome, "supported");
  assert.match(clear.evidence, /Student's t over 3 seeds: 95 % interval \[28\.5, 33\.5\]/);
  const interval =
    /paired bootstrap over 400 test images, given the networks: 95 % interval \[(\d\d\.?\d?), (\d\d\.?\d?)\]/
      .exec(clear.evidence)!.slice(1).map(Number);
  // 124 of 400 images change from wrong to right: 31 points, standard error 2.31.
  assert.ok(Math.abs(interval[0] - 26.5) < 1 && Math.abs(interval[1] - 35.5) < 1, `${interval}`);
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

Deno.test("an interval of a share stays within 0 and 100 %", () => {
  const measurement = { kind: "knn", condition: "random_augmented" } as const;
  const input = withGains(69, 60, 66);
  const { evidence } = judge({ measurement, value: 10, margin: 0 }, input);
  assert.match(evidence, /95 % interval \[\d+(\.\d)?, 100\]/);
});

Deno.test("the digest of a claim's data changes with what it rests on, and with nothing else", () => {
  const { data } = judge({}, withGains(30, 31, 32));
  assert.match(data!, /^[0-9a-f]{16}$/);
  assert.equal(judge({ margin: 2 }, withGains(30, 31, 32)).data, data);
  assert.notEqual(judge({}, withGains(30, 31, 33)).data, data);
  const input = withGains(30, 31, 32);
  const longer = input.runs.map((run) => ({ ...run, history: run.history.slice(1) }));
  assert.equal(judge({}, { ...input, runs: longer }).data, data);
});

Deno.test("the paper's claims hold for runs that tell the paper's story", () => {
  const judged = judgeClaims(syntheticInput({ claims }));
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

Deno.test("a sweep compares the ends of its axis, whatever the order of its runs", () => {
  const input = syntheticInput({ seeds: [0] });
  const [run] = input.runs.filter(({ axes }) =>
    axes.labels === "random" && axes.augmentation === "cached"
  );
  const at = (views: string, accuracy: number) => ({
    ...run,
    axes: { ...run.axes, views },
    predictions: [],
    probe: run.probe.map((row) => row.epoch > 0 ? { ...row, accuracy } : row),
  });
  const sweep = { ...input, runs: [at("64", 0.5), at("4", 0.3), at("128", 0.55), at("16", 0.4)] };
  const measurement = { kind: "sweep_rise", condition: "random_augmented", axis: "views" } as const;
  const { outcome, evidence } = judge({ measurement, test: "each", seeds: 1 }, sweep);
  assert.equal(outcome, "supported");
  assert.match(evidence, /points: 25 \(one seed\)/);
});

Deno.test("claims.yaml holds the paper's claims from abstract to appendix", () => {
  assert.ok(claims.length >= 25);
  const sections = claims.map(({ section }) => section).join(" ");
  for (const { statement } of claims) assert.match(statement, /“[^”]+”/);
  for (
    const part of ["Abstract", "3", "4", "5.1", "5.2", "Appendix A", "Appendix C", "Appendix E"]
  ) {
    assert.ok(sections.includes(part), part);
  }
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
    value: 0
    margin: 0
    seeds: 3
    test: mean
    may_fail: It may.
  - id: b
    statement: s
    section: "4"
    dataset: d
    figure: table-2
    direction: upwards
    value: 0
    margin: 0
    seeds: 3
    test: mean
    may_fail: It may.
    needs: x
`;
  assert.throws(() => parseClaims(text, "claims.yaml"), (error: Error) => {
    assert.match(error.message, /^claims\.yaml:7:47: claims\.0\.measurement\.condition: /m);
    assert.match(error.message, /^claims\.yaml:19:16: claims\.1\.direction: /m);
    return true;
  });
  assert.throws(() => parseClaims("claims: [", "claims.yaml"), /^Error: claims\.yaml:1:10: /);
});

Deno.test("a claim needs either a measurement or a reason, and ids are unique", () => {
  const claim = (id: string, rest: string) =>
    `  - { id: ${id}, statement: s, section: "4", dataset: d, figure: table-2, ` +
    `direction: above, value: 0, margin: 0, seeds: 3, test: mean, may_fail: It may., ${rest} }\n`;
  assert.throws(
    () => parseClaims(`claims:\n${claim("a", "note: n")}`, "claims.yaml"),
    /claims\.yaml:2:5: .*either a measurement or says what it needs/,
  );
  assert.throws(
    () => parseClaims(`claims:\n${claim("a", "needs: x")}${claim("a", "needs: x")}`, "claims.yaml"),
    /ids must differ/,
  );
});
