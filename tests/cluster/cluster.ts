/**
 * A Slurm cluster of one node for tests: munge, slurmctld and slurmd of Debian, as root and without
 * systemd, with four CPUs whatever the machine has and two files that stand for GPUs.
 *
 * @module
 */
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { until } from "../pipeline/processes.ts";

const PACKAGES = ["slurmctld", "slurmd", "slurm-client", "munge"];
const POLICY = "/usr/sbin/policy-rc.d";

/** Why there can be no cluster here; `null` if there can. */
export function whyNot(): string | null {
  if (Deno.build.os !== "linux") return "Slurm runs on Linux";
  if (Deno.uid() !== 0) return "the daemons are started as root";
  if (!exists("/etc/debian_version")) return "Slurm is installed from Debian's packages";
  return null;
}

/** A cluster that runs until it is disposed of. */
export class Cluster implements AsyncDisposable {
  /** What finds this cluster. */
  readonly env: Readonly<Record<string, string>>;
  readonly #folder: string;
  #munged: Deno.ChildProcess | null = null;

  private constructor(folder: string) {
    this.#folder = folder;
    this.env = { SLURM_CONF: join(folder, "slurm.conf") };
  }

  /** Installs what is missing, and starts the daemons. */
  static async start(): Promise<Cluster> {
    await install();
    const cluster = new Cluster(Deno.makeTempDirSync({ prefix: "cluster-" }));
    await cluster.#configure();
    await cluster.#startMunge();
    await cluster.startController();
    await run("slurmd", [], cluster.env);
    await cluster.#untilIdle();
    return cluster;
  }

  /** Runs one of Slurm's commands and returns what it prints. */
  call(command: string, ...args: string[]): Promise<string> {
    return run(command, args, this.env);
  }

  /** Starts the controller, which remembers its jobs. */
  async startController(): Promise<void> {
    await run("slurmctld", [], this.env);
  }

  /** Ends the controller, as for an upgrade; jobs run on. */
  async stopController(): Promise<void> {
    await this.#end("slurmctld.pid", "SIGTERM");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.call("scancel", "--me").catch(() => {});
    await delay(1000);
    await this.#end("slurmd.pid", "SIGTERM");
    await this.stopController();
    this.#munged?.kill("SIGTERM");
    await this.#munged?.status;
    Deno.removeSync(this.#folder, { recursive: true });
  }

  async #configure(): Promise<void> {
    for (const name of ["state", "spool"]) Deno.mkdirSync(join(this.#folder, name));
    for (const minor of ["0", "1"]) {
      await run("mknod", [join(this.#folder, `nvidia${minor}`), "c", "195", minor], {});
    }
    Deno.writeTextFileSync(this.env.SLURM_CONF, slurmConf(this.#folder));
    Deno.writeTextFileSync(
      join(this.#folder, "gres.conf"),
      `AutoDetect=off\nName=gpu File=${this.#folder}/nvidia[0-1] Flags=nvidia_gpu_env\n`,
    );
  }

  async #startMunge(): Promise<void> {
    if (await isMungeUp()) return;
    Deno.mkdirSync("/run/munge", { recursive: true });
    await run("chown", ["munge:munge", "/run/munge"], {});
    this.#munged = new Deno.Command("runuser", {
      args: ["-u", "munge", "--", "munged", "--foreground"],
      stdout: "null",
      stderr: "null",
    }).spawn();
    for (let tries = 0; !await isMungeUp(); tries++) {
      if (tries > 50) throw new Error("munged does not start");
      await delay(200);
    }
  }

  async #untilIdle(): Promise<void> {
    for (let tries = 0; tries < 100; tries++, await delay(300)) {
      const state = await this.call("sinfo", "-h", "-o", "%T").catch(() => "");
      if (state.trim() === "idle") return;
    }
    throw new Error(`The node does not come up: ${await this.call("scontrol", "show", "node")}`);
  }

  async #end(pidFile: string, signal: Deno.Signal): Promise<void> {
    const pid = Number(Deno.readTextFileSync(join(this.#folder, pidFile)));
    Deno.kill(pid, signal);
    await until(`${pidFile} has ended`, () => !exists(`/proc/${pid}`));
  }
}

function slurmConf(folder: string): string {
  return `ClusterName=test
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
GresTypes=gpu
ReturnToService=2
MpiDefault=none
SlurmdParameters=config_overrides
SchedulerParameters=sched_min_interval=100000,batch_sched_delay=0,sched_interval=2
KillWait=10
SlurmctldPort=26817
SlurmdPort=26818
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=4 RealMemory=2000 Gres=gpu:2 State=UNKNOWN
PartitionName=main Nodes=${hostname()} Default=YES MaxTime=INFINITE State=UP
`;
}

/** Installs Slurm without letting its packages start anything. */
async function install(): Promise<void> {
  if (["/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/bin/sbatch"].every(exists)) return;
  const isOurs = !exists(POLICY);
  if (isOurs) Deno.writeTextFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["update", "-qq"], env);
    await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...PACKAGES], env);
  } finally {
    if (isOurs) Deno.removeSync(POLICY);
  }
}

async function isMungeUp(): Promise<boolean> {
  return await run("sh", ["-c", "munge -n | unmunge"], {}).then(() => true, () => false);
}

async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], env })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`${command} ${args.join(" ")}: ${text(stderr)}`);
  return text(stdout);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
