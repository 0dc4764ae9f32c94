/**
 * The damaged blobs that a run would find: it checks what its jobs read and what is published, and
 * has what is damaged made again, each by the first instance of the plan that has it.
 *
 * @module
 */
import type { Manifest } from "../store/manifest.ts";
import type { PlannedInstance } from "../plan/plan.ts";
import type { Store } from "../store/store.ts";
import type { Forecast } from "./forecaster.ts";
import { type BlobRead, holds, type PublicationReads, tablesRead } from "./reads.ts";
import { REASON } from "./reason.ts";

/** What damage is looked for in. */
export interface DamageOptions {
  readonly store: Store;
  /** In the plan's order. */
  readonly instances: readonly PlannedInstance[];
  /** Is changed where something would be made again. */
  readonly forecasts: Map<string, Forecast>;
  readonly publicationReads: PublicationReads;
}

/** Finds what a run would find, and forecasts what it would then make again. */
export async function findDamage(options: DamageOptions): Promise<void> {
  const { store, instances, forecasts, publicationReads } = options;
  const before = new Map(forecasts);
  const resultOf = (name: string) => resultIn(before.get(name));
  /** Whether each damaged blob is made again, surely or maybe. */
  const made = new Map<string, Certainty>();
  const check = async (blob: BlobRead, reader: string, certainty: Certainty) => {
    const known = made.get(blob.digest);
    if (known === "run" || known === certainty || await store.verify(blob.digest)) return;
    made.set(blob.digest, certainty);
    const { name: maker } = instances.find(({ name }) => holds(resultOf(name), blob.digest))!;
    forecasts.set(maker, madeAgain(before.get(maker)!, reader, certainty));
  };
  // Consumers first: what is made again reads its own inputs.
  for (const instance of [...instances].reverse()) {
    const { name } = instance;
    const result = resultOf(name);
    const published = result ? await publicationReads(instance, result) : [];
    for (const blob of published) await check(blob, name, "run");
    const certainty = executionOf(forecasts.get(name)!);
    if (certainty === null) continue;
    for (const blob of tablesRead(instance, resultOf)) await check(blob, name, certainty);
  }
}

/** Whether an instance executes surely, or maybe. */
type Certainty = "run" | "open";

/** The result that an instance is expected to have without executing. */
function resultIn(forecast: Forecast | undefined): Manifest | undefined {
  if (!forecast) return undefined;
  if ("manifest" in forecast) return forecast.manifest;
  return "likely" in forecast ? forecast.likely : undefined;
}

/** Whether an instance executes: surely, or maybe; `null` if it does not. */
function executionOf(forecast: Forecast): Certainty | null {
  if (forecast.kind === "stale") return "run";
  return forecast.kind === "pending" && forecast.expected !== "fresh" ? forecast.expected : null;
}

function madeAgain(forecast: Forecast, reader: string, certainty: Certainty): Forecast {
  if (certainty === "open") {
    const reason = `${REASON.lost}; made again if ${reader} runs`;
    return { kind: "pending", expected: "open", reason };
  }
  return "key" in forecast
    ? { kind: "stale", key: forecast.key, reason: REASON.lost }
    : { kind: "pending", expected: "run", reason: `${REASON.lost}; ${forecast.reason}` };
}
