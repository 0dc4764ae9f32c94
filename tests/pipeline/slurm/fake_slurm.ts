/**
 * Slurm's commands as short scripts, for tests of what follows from their answers. A "cluster" is a
 * folder; jobs are processes of this machine, or nothing at all.
 *
 * @module
 */
import { join } from "node:path";

const HEAD = `#!/bin/bash
D=$(cd "$(dirname "$0")/.." && pwd)
echo "$(basename "$0") $*" >> "$D/calls"
if [ -e "$D/down" ]; then
  echo "$(basename "$0"): error: Unable to contact slurm controller (connect failure)" >&2
  exit 1
fi
`;

const COMMANDS: Readonly<Record<string, string>> = {
  sbatch: `
if [ -e "$D/refuse" ]; then cat "$D/refuse" >&2; exit 1; fi
for arg in "$@"; do case $arg in
  --array=1-*) size=\${arg#--array=1-};;
  --comment=*) batch=\${arg#*=};;
  --output=*) output=\${arg#*=};;
esac; done
exec 9> "$D/turn"; flock 9
number=$(($(< "$D/number") + 1)); echo $number > "$D/number"
exec 9>&-
cat > "$D/script.$number"
echo "$PIPELINE_STORE" > "$D/store.$number"
mode=$(cat "$D/mode")
for ((i = 1; i <= size; i++)); do
  job="$D/jobs/\${number}_$i"
  case $mode in
    run)
      echo "RUNNING|$batch|None" > "$job"
      (
        export SLURM_ARRAY_TASK_ID=$i SLURM_JOB_ID=\${number}_$i
        setsid bash "$D/script.$number" > "\${output//%a/$i}" 2>&1 &
        echo $! > "$D/pids/\${number}_$i"
        if wait $!; then state=COMPLETED; else state=FAILED; fi
        echo "$state|$batch|None" > "$job"
      ) < /dev/null > /dev/null 2>&1 & ;;
    hold) echo "RUNNING|$batch|None" > "$job" ;;
    *) echo "$mode|$batch|None" > "$job" ;;
  esac
done
if [ -e "$D/lose" ]; then
  rm "$D/lose"
  echo "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation" >&2
  exit 1
fi
echo $number
`,
  squeue: `
for job in "$D"/jobs/*; do
  [ -e "$job" ] || continue
  id=\${job##*/}
  echo "\${id%_*}|\${id#*_}|$(< "$job")"
done
`,
  scancel: `
state=RUNNING
for arg in "$@"; do case $arg in
  --state=*) state=\${arg#*=};;
  -*) ;;
  *) if [ "$(cut -d '|' -f 1 "$D/jobs/$arg")" = "$state" ]; then
       if [ $state = PENDING ]; then sed -i "s/^[A-Z]*/CANCELLED/" "$D/jobs/$arg"
       elif [ -e "$D/pids/$arg" ]; then kill -TERM "$(cat "$D/pids/$arg")"; fi
     fi ;;
esac; done
`,
  scontrol: `
if [ "$1" = show ] && [ -e "$D/memory" ]; then cat "$D/memory"; exit; fi
echo "scontrol: error: Invalid job id specified" >&2; exit 1
`,
  sacct: `echo "Slurm accounting storage is disabled" >&2; exit 1\n`,
};

/** A cluster that is none. */
export class FakeSlurm implements Disposable {
  readonly folder: string;
  /** Where the commands are. */
  readonly bin: string;

  constructor() {
    this.folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "slurm-" }));
    this.bin = join(this.folder, "bin");
    for (const name of ["bin", "jobs", "pids"]) Deno.mkdirSync(join(this.folder, name));
    for (const [name, text] of Object.entries(COMMANDS)) {
      Deno.writeTextFileSync(join(this.bin, name), HEAD + text, { mode: 0o755 });
    }
    this.set("number", "100");
    this.set("mode", "run");
    this.set("calls", "");
  }

  /** What a process needs to find the commands. */
  get env(): Record<string, string> {
    return { PATH: `${this.bin}:${Deno.env.get("PATH")}` };
  }

  /** Sets a switch or a job's state: `mode`, `down`, `lose`, `refuse`, `memory`, `jobs/ID`. */
  set(name: string, text = ""): void {
    Deno.writeTextFileSync(join(this.folder, name), text);
  }

  get(name: string): string {
    return Deno.readTextFileSync(join(this.folder, name));
  }

  remove(name: string): void {
    Deno.removeSync(join(this.folder, name));
  }

  /** The calls of a command so far. */
  calls(command: string): string[] {
    return this.get("calls").split("\n").filter((line) => line.startsWith(`${command} `));
  }

  /** Sends a signal to the batch process of a job. */
  signal(job: string, signal: Deno.Signal): void {
    Deno.kill(Number(this.get(`pids/${job}`)), signal);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}
