import assert from "node:assert/strict";
import { ConfigurationError, formatIssue } from "../../../lib/pipeline/base/errors.ts";
import { Problems } from "../../../lib/pipeline/config/located.ts";
import { parseLocated } from "../../../lib/pipeline/config/parse.ts";
import { optionsOf, readSlurmOptions } from "../../../lib/pipeline/config/slurm_options.ts";

function read(text: string) {
  const problems = new Problems();
  const node = parseLocated({ file: "pipeline.yaml", text });
  const options = readSlurmOptions(node, ["train", "probe"], problems);
  return { options, issues: new ConfigurationError(problems.issues).issues.map(formatIssue) };
}

Deno.test("settings are read, and a stage's own lie over those for all", () => {
  const { options, issues } = read(`
partition: cpu
time: 1-12:00:00
memory: 4
array_limit: 50
prologue: |
  module load cuda
stages:
  train: { partition: gpu, gres: "gpu:a100", time: 90 }
`);
  assert.deepEqual(issues, []);
  assert.equal(options.array_limit, 50);
  assert.deepEqual(optionsOf(options, "probe"), {
    partition: "cpu",
    time: "1-12:00:00",
    memory: 4,
    prologue: "module load cuda\n",
  });
  assert.deepEqual(optionsOf(options, "train"), {
    partition: "gpu",
    gres: "gpu:a100",
    time: 90,
    memory: 4,
    prologue: "module load cuda\n",
  });
});

Deno.test("all that is wrong is shown at once, each with its place", () => {
  const { issues } = read(`
partiton: cpu
time: tomorrow
memory: lots
account: "x; rm -rf /"
stages:
  trian: {}
  probe: { array_limit: 3, grace_seconds: 0.5 }
`);
  assert.equal(issues.length, 7, issues.join("\n"));
  const [key, time, memory, account, stage, limit, grace] = issues;
  assert.match(
    key,
    /pipeline\.yaml:2:1 unknown setting "partiton" of slurm[^]*did you mean "partition"/,
  );
  assert.match(time, /:3:7 "time" of slurm must match/);
  assert.match(memory, /:4:9 "memory" of slurm must be a number/);
  assert.match(account, /:5:10 "account" of slurm must match/);
  assert.match(stage, /:7:3 there is no stage "trian"[^]*did you mean "train"/);
  assert.match(limit, /:8:12 unknown setting "array_limit"/);
  assert.match(grace, /:8:43 "grace_seconds" of slurm must be a whole number from 1/);
});
