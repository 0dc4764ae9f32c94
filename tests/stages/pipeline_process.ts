/**
 * Runs this project's pipeline in a process of its own, in a store of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { InstanceEvent, SummaryEvent } from "../../lib/pipeline/execute/events.ts";
import { readJsonIfWhole } from "../../lib/pipeline/base/files.ts";
import type { Manifest } from "../../lib/pipeline/store/manifest.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What a run did. */
export interface PipelineResult {
  readonly status: number;
  readonly instances: readonly InstanceEvent[];
  readonly summary: SummaryEvent;
  readonly stderr: string;
}

/** A store and a reports' folder in a temporary place. */
export class PipelineProcess {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "pipeline-" });

  /**
   * Runs the smoke profile.
   *
   * @param onEvent Sees every event as it comes, with the process.
   */
  async smoke(
    args: readonly string[],
    onEvent: (event: { event: string }, child: Deno.ChildProcess) => void = () => {},
  ): Promise<PipelineResult> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--quiet", "main.ts", "-p", "smoke", "--json"],
        ...["--artifacts", join(this.folder, "artifacts")],
        ...["--reports", join(this.folder, "reports")],
        // A run with a value of its own writes no lock file into the repository.
        ...["-S", "train.mixup=none"],
        ...args,
      ],
      cwd: ROOT,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const stderr = new Response(child.stderr).text();
    const events: { event: string }[] = [];
    let rest = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        events.push(JSON.parse(line));
        onEvent(events.at(-1)!, child);
      }
    }
    const { code } = await child.status;
    return {
      status: code,
      instances: events.filter(({ event }) => event === "instance") as InstanceEvent[],
      summary: events.at(-1) as SummaryEvent,
      stderr: await stderr,
    };
  }

  /** As {@link PipelineProcess.smoke}, and every instance must come up to date. */
  async succeed(...args: string[]): Promise<PipelineResult> {
    const result = await this.smoke(args);
    assert.equal(result.status, 0, result.stderr);
    return result;
  }

  /** The manifest of an instance's last result. */
  manifest(instance: string): Manifest {
    const path = join(this.folder, "artifacts", "latest", "smoke", instance, "manifest.json");
    return readJsonIfWhole<Manifest>(path)!;
  }

  /** The log of an instance's last execution. */
  log(instance: string): string {
    return this.read("artifacts", "logs", `${this.manifest(instance).key}.log`);
  }

  read(...parts: string[]): string {
    return Deno.readTextFileSync(join(this.folder, ...parts));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** The instances of a run with an outcome, sorted. */
export function withOutcome(result: PipelineResult, outcome: string): string[] {
  return result.instances.filter((each) => each.outcome === outcome)
    .map(({ instance }) => instance).sort();
}
