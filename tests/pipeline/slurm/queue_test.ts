import assert from "node:assert/strict";
import { join } from "node:path";
import { callSlurm, SlurmError } from "../../../lib/pipeline/slurm/commands.ts";
import { describeEnd, describeRefusal } from "../../../lib/pipeline/slurm/failure.ts";
import {
  isLive,
  parseAccounting,
  parseJob,
  parseQueue,
} from "../../../lib/pipeline/slurm/queue.ts";

// Printed by squeue, scontrol and sbatch of Slurm 22.05.8 with the arguments that we pass.
const QUEUE = `1|2|PENDING|b1|Nodes required for job are DOWN, DRAINED or reserved
2|1|COMPLETED|b2|None
2|2|RUNNING|b2|None
7|N/A|PENDING|(null)|Dependency
`;
const JOB = `JobId=3 ArrayJobId=2 ArrayTaskId=1 JobName=x
   Priority=4294901758 Nice=0 Account=(null) QOS=(null)
   JobState=FAILED Reason=NonZeroExitCode Dependency=(null)
   Requeue=1 Restarts=0 BatchFlag=1 Reboot=0 ExitCode=1:0
`;

Deno.test("the queue's lines become jobs; follow-ups are none of them", () => {
  assert.deepEqual(
    parseQueue(QUEUE).map(({ id, state, batch, index }) => [id, state, batch, index]),
    [
      ["1_2", "PENDING", "b1", 2],
      ["2_1", "COMPLETED", "b2", 1],
      ["2_2", "RUNNING", "b2", 2],
    ],
  );
  assert.equal(
    parseQueue(QUEUE)[0].reason,
    "Nodes required for job are DOWN, DRAINED or reserved",
  );
  assert.deepEqual(parseQueue(""), []);
});

Deno.test("a reason may hold what separates fields", () => {
  assert.equal(parseQueue("1|1|PENDING|b|a|b|c\n")[0].reason, "a|b|c");
});

Deno.test("lines whose job or index is no number are passed over: both become arguments", () => {
  assert.deepEqual(parseQueue("--all|1|RUNNING|b|None\n1|-1|RUNNING|b|None\n1|1|RUNNING\n|\n"), []);
  assert.deepEqual(parseQueue(`1|${"9".repeat(400)}|RUNNING|b|None\n`), []);
});

/** Makes `squeue` a script as long as a test lasts. */
async function withSqueue(script: string, test: () => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  const path = Deno.env.get("PATH")!;
  Deno.writeTextFileSync(join(folder, "squeue"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  Deno.env.set("PATH", `${folder}:${path}`);
  try {
    await test();
  } finally {
    Deno.env.set("PATH", path);
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("a command that prints without end is ended", async () => {
  await withSqueue("exec yes", async () => {
    const limits = { timeoutMs: 60_000, bytes: 100_000 };
    await assert.rejects(callSlurm("squeue", [], { limits }), /printed more than 100000 bytes/);
  });
});

Deno.test("a command that hangs is ended, and counts as a controller that does not answer", async () => {
  await withSqueue("exec sleep 600", async () => {
    const limits = { timeoutMs: 100, bytes: 100_000 };
    await assert.rejects(
      callSlurm("squeue", [], { limits }),
      (error) => error instanceof SlurmError && error.isPassing && /0.1 s/.test(error.message),
    );
  });
});

Deno.test("a refusal without end is cut", () => {
  assert.ok(new SlurmError("sbatch", "x".repeat(1e6)).message.length < 5000);
});

Deno.test("states are live until no more can come of them", () => {
  for (const state of ["PENDING", "RUNNING", "COMPLETING", "REQUEUED", "SUSPENDED"]) {
    assert.ok(isLive(state), state);
  }
  for (const state of ["COMPLETED", "FAILED", "TIMEOUT", "NODE_FAIL", "CANCELLED", "PREEMPTED"]) {
    assert.ok(!isLive(state), state);
  }
});

Deno.test("the accounting's last line counts, whoever cancelled the job", () => {
  assert.deepEqual(parseAccounting("NODE_FAIL|0:0\nCANCELLED by 1000|0:15\n"), {
    state: "CANCELLED",
    reason: "exit code 0:15",
  });
  assert.equal(parseAccounting("\n"), null);
});

Deno.test("the controller's memory of a job is read where there is no accounting", () => {
  assert.deepEqual(parseJob(JOB), { state: "FAILED", reason: "NonZeroExitCode" });
  assert.deepEqual(parseJob(JOB.replace("NonZeroExitCode", "None")), {
    state: "FAILED",
    reason: "exit code 1:0",
  });
  assert.equal(parseJob(""), null);
});

Deno.test("every end names the job, its state, its log and a remedy", () => {
  const log = Deno.makeTempFileSync();
  Deno.writeTextFileSync(log, "one\nslurmstepd: error: it was too much\n");
  try {
    const remedies = {
      TIMEOUT: "`slurm.time`",
      OUT_OF_MEMORY: "`slurm.memory`",
      NODE_FAIL: "run again",
      CANCELLED: "run again",
      FAILED: "prologue",
    };
    for (const [state, remedy] of Object.entries(remedies)) {
      const message = describeEnd("17_3", { state, reason: "None" }, log);
      assert.match(message, new RegExp(`^Slurm job 17_3 ended as ${state} without a result: `));
      assert.ok(message.includes(remedy), message);
      assert.ok(message.includes(log) && message.endsWith("it was too much"), message);
    }
    assert.match(describeEnd("17_3", null, `${log}.none`), /Slurm job 17_3 is gone/);
  } finally {
    Deno.removeSync(log);
  }
});

Deno.test("of a log of any size only the end is read", () => {
  const log = Deno.makeTempFileSync();
  try {
    Deno.truncateSync(log, 2 ** 40);
    Deno.writeTextFileSync(log, "\nthe last line\n", { append: true });
    assert.match(describeEnd("17_3", null, log), /the last line$/);
  } finally {
    Deno.removeSync(log);
  }
});

Deno.test("a refusal says what Slurm says, of which instances, and what to change", () => {
  const cases = [
    ["sbatch: error: invalid partition specified: nope", "slurm.partition"],
    ["sbatch: error: Invalid generic resource (gres) specification", "slurm.gres"],
    ["sbatch: error: Invalid account or account/partition combination specified", "slurm.account"],
    ["sbatch: error: Memory specification can not be satisfied", "slurm.memory"],
    ["sbatch: error: QOSMaxSubmitJobPerUserLimit", "slurm.array_limit"],
  ];
  for (const [stderr, remedy] of cases) {
    const error = new SlurmError("sbatch", stderr);
    assert.equal(error.isPassing, false);
    const message = describeRefusal(error, ["train@seed=0", "train@seed=1"]);
    assert.match(message, /^Cannot submit train@seed=0 and 1 more as Slurm refuses it: sbatch: /);
    assert.ok(message.includes(remedy), message);
  }
});

Deno.test("a controller that does not answer is waited for", () => {
  for (
    const stderr of [
      "slurm_load_jobs error: Unable to contact slurm controller (connect failure)",
      "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation",
    ]
  ) assert.ok(new SlurmError("squeue", stderr).isPassing, stderr);
});
