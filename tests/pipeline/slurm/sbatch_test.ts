import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type Batch,
  batchScript,
  type Launcher,
  quote,
  sbatchArguments,
} from "../../../lib/pipeline/slurm/sbatch.ts";
import { followUpArguments, followUpScript } from "../../../lib/pipeline/slurm/follow_up.ts";

/** A text that does harm wherever it is not quoted. */
const NASTY =
  `it's "a" $(touch hacked) \`touch hacked\` ; touch hacked & %j \\ *\n#SBATCH --wrap=x`;

const LAUNCHER: Launcher = {
  executable: "/bin/echo",
  main: "main.ts",
  pipeline: "pipeline.yaml",
  folder: "/project",
};

function batch(changes: Partial<Batch> = {}): Batch {
  return {
    id: "b1",
    jobName: "name",
    folder: "/store/slurm/batches/b1",
    taskFolder: "/store/slurm",
    keys: ["aa", "bb"],
    resources: { cpu: 1, spareCpus: false, gpu: 0, memory: 0 },
    options: {},
    ...changes,
  };
}

/** Runs a script as the second job of its array. */
async function runScript(script: string, cwd: string): Promise<string> {
  const path = join(cwd, "script.sh");
  Deno.writeTextFileSync(path, script);
  const { stdout } = await new Deno.Command("bash", {
    args: [path],
    cwd,
    env: { SLURM_ARRAY_TASK_ID: "2" },
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("a stage's resources become Slurm's, and its settings fill what it does not declare", () => {
  const args = sbatchArguments(
    batch({
      resources: { cpu: 4, spareCpus: false, gpu: 2, memory: 1.5 },
      options: { partition: "gpu", time: 90, memory: 64, gres: "gpu:a100", grace_seconds: 30 },
    }),
    LAUNCHER,
  );
  for (
    const expected of [
      "--parsable",
      "--requeue",
      "--array=1-2",
      "--cpus-per-task=4",
      "--mem=1536M",
      "--gres=gpu:a100:2",
      "--partition=gpu",
      "--time=90",
      "--signal=B:USR1@30",
      "--comment=b1",
    ]
  ) assert.ok(args.includes(expected), `${expected} in ${args.join(" ")}`);
});

Deno.test("what nothing asks for is left to the cluster, and GPUs can be done without", () => {
  const args = sbatchArguments(
    batch({
      resources: { cpu: 0.5, spareCpus: true, gpu: 1, memory: 0 },
      options: { gres: "none" },
    }),
    LAUNCHER,
  );
  assert.ok(args.includes("--cpus-per-task=1"));
  assert.deepEqual(args.filter((arg) => /^--(mem|gres|partition|time|account|qos)=/.test(arg)), []);
});

Deno.test("a percent sign in the store's path is no pattern for the log", () => {
  const args = sbatchArguments(batch({ folder: "/100%j" }), LAUNCHER);
  assert.ok(args.includes("--output=/100%%j/%a.log"));
});

Deno.test("a job finds its key by its place, and hostile paths stay single words", async () => {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    const store = join(folder, NASTY.replaceAll("/", ""));
    Deno.mkdirSync(store);
    Deno.writeTextFileSync(join(store, "keys"), "aa\nbb\n");
    const script = batchScript(batch({ folder: store, taskFolder: store }), {
      ...LAUNCHER,
      main: NASTY,
      pipeline: NASTY,
    });
    const words = ["run", "-A", "--quiet", NASTY, "slurm-job", "--file", NASTY, `${store}/bb`];
    assert.equal(await runScript(script, folder), `${words.join(" ")}\n`);
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assert.ok(!left.includes("hacked"), left.join());
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a prologue runs first, and one that fails keeps the stage from starting", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(join(folder, "keys"), "aa\nbb\n");
    const run = (prologue: string) =>
      runScript(
        batchScript(batch({ folder, taskFolder: "/t", options: { prologue } }), LAUNCHER),
        folder,
      );
    assert.match(await run("echo first\n"), /^first\nrun -A .*\/t\/bb\n$/);
    assert.equal(await run("echo first; false\necho second"), "first\n");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("any text is one word of the shell once it is quoted", async () => {
  for (const text of [NASTY, "", "'", "''", "a'b'c", "-n", "é\n", "$HOME"]) {
    const { stdout } = await new Deno.Command("sh", { args: ["-c", `printf %s ${quote(text)}`] })
      .output();
    assert.equal(new TextDecoder().decode(stdout), text);
  }
});

Deno.test("a follow-up waits for every array once, and takes the command line as it was", async () => {
  const destination = {
    folder: "/store/slurm",
    jobName: "name",
    options: { partition: "cpu", gres: "gpu:a100", prologue: "echo first" },
    launcher: LAUNCHER,
  };
  const args = followUpArguments(["17_1", "17_2", "18_1"], destination);
  assert.ok(args.includes("--dependency=afterany:17:18"));
  assert.ok(args.includes("--partition=cpu"));
  assert.ok(!args.some((arg) => arg.startsWith("--gres")));
  const folder = Deno.makeTempDirSync();
  try {
    const script = followUpScript(destination, ["-S", `name=${NASTY}`, "--detach"]);
    const output = await runScript(script, folder);
    assert.equal(output, `first\nrun -A --quiet main.ts -S name=${NASTY} --detach\n`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
