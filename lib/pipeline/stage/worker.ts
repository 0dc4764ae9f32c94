/**
 * Runs in a stage's process: gives the stage its context, and reports to the engine over stdout.
 * A line `stop` on stdin asks for a checkpoint and an end; the end of stdin means that the engine
 * is gone or has read everything.
 *
 * @module
 */
import { join } from "node:path";
import { TableFile } from "../../arrow/reader.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { inputSchema, outputSchema } from "./interface.ts";
import { encodeEvent, type Environment, type Job, type JobEvent } from "./job.ts";
import { linesOf } from "../base/lines.ts";
import { addMetrics } from "./metrics.ts";
import { JobOutputs } from "./outputs.ts";
import type { GatheredTable, StageContext, StageDefinition } from "./stage.ts";

/** How often progress is sent at most. */
const PROGRESS_INTERVAL_MS = 100;
/** How long a stage has for its checkpoint once the engine is gone. */
const ORPHAN_GRACE_MS = 10_000;

/** Runs the job in the file named by the first argument; ends the process. */
export async function runJob(definition: StageDefinition): Promise<never> {
  const job = JSON.parse(Deno.readTextFileSync(Deno.args[0])) as Job;
  const print = console.log.bind(console);
  const send = (event: JobEvent) => print(encodeEvent(job.token, event));
  console.log = (...parts: unknown[]) => send({ type: "log", line: parts.map(String).join(" ") });
  console.info = console.debug = console.log;
  // Ctrl-C reaches the whole process group; the engine's message decides when to stop.
  Deno.addSignalListener("SIGINT", () => {});
  const { signal, ended } = watchStdin();
  await keepOthersOut(job.checkpointFolder);
  const event = await execute(definition, job, send, signal);
  send(event);
  await ended;
  Deno.exit(event.type === "done" ? 0 : 1);
}

function watchStdin(): { signal: AbortSignal; ended: Promise<void> } {
  const controller = new AbortController();
  const interrupted = () => new DOMException("the run was interrupted", "AbortError");
  const watch = async () => {
    for await (const line of linesOf(Deno.stdin.readable)) {
      if (line === "stop") controller.abort(interrupted());
    }
    controller.abort(interrupted());
    Deno.unrefTimer(setTimeout(() => Deno.exit(1), ORPHAN_GRACE_MS));
  };
  return { signal: controller.signal, ended: watch() };
}

/** Waits for an orphan of a killed engine, which may still write its last checkpoint. */
async function keepOthersOut(checkpointFolder: string): Promise<void> {
  const file = await Deno.open(join(checkpointFolder, "lock"), { write: true, create: true });
  await file.lock(true);
}

/**
 * Runs a stage in this process.
 *
 * @param send Receives everything but the end.
 * @returns The end.
 */
export async function execute(
  definition: StageDefinition,
  job: Job,
  send: (event: JobEvent) => void,
  signal: AbortSignal,
): Promise<JobEvent> {
  const outputs = new JobOutputs(definition.outputs, job);
  const metrics = new Map<string, number>();
  let environment: Environment = {
    device: "CPU",
    versions: { deno: Deno.version.deno },
  };
  let lastProgress = -Infinity;
  try {
    const context: StageContext<never, never, never> = {
      params: job.params as never,
      inputs: openInputs(definition, job) as never,
      outputs: outputs.handles as never,
      predecessor: openPredecessor(definition, job) as never,
      instance: job.instance,
      axes: job.axes,
      seed: job.seed,
      threads: job.threads,
      downloads: job.downloadFolder,
      checkpoint: openCheckpoint(job.checkpointFolder),
      signal,
      now: () => performance.now(),
      progress(fraction, text = "") {
        if (performance.now() - lastProgress < PROGRESS_INTERVAL_MS) return;
        lastProgress = performance.now();
        send({ type: "progress", fraction, text });
      },
      live: (values) => send({ type: "live", values }),
      log: (line) => send({ type: "log", line }),
      metrics: (values) => addMetrics(metrics, values),
      environment({ device, versions }) {
        environment = { device, versions: { ...environment.versions, ...versions } };
      },
    };
    await definition.run(context);
    return {
      type: "done",
      outputs: outputs.finish(),
      metrics: Object.fromEntries(metrics),
      environment,
    };
  } catch (error) {
    const interrupted = signal.aborted;
    return { type: "failed", message: interrupted ? "interrupted" : describe(error), interrupted };
  }
}

function openInputs(definition: StageDefinition, job: Job): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(definition.inputs).map(([name, spec]) => {
      const { mode, tables } = job.inputs[name];
      const members: GatheredTable<never>[] = tables.map(({ path, axes, provenance }) => ({
        axes,
        provenance,
        table: TableFile.open(path, inputSchema(spec)) as never,
      }));
      return [name, mode === "gather" ? members : members[0]?.table];
    }),
  );
}

function openPredecessor({ outputs }: StageDefinition, { predecessor }: Job) {
  if (!predecessor) return null;
  const tables = Object.entries(predecessor.tables).map(([name, path]) => [
    name,
    TableFile.open(path, outputSchema(outputs[name])!),
  ]);
  return { params: predecessor.params, tables: Object.fromEntries(tables) };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `\ncaused by ${describe(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
