/**
 * Locations: params that say where something lies, as an address or as a path.
 *
 * Of a local file the content enters the stage key. What lies at an address is not asked for while a
 * run is planned, which needs no network and no time: the address itself enters the key, and what
 * changes there is not noticed. A stage that is given the content's checksum as another param
 * notices it when it runs. From another address it runs once more, and the same content leaves its
 * consumers fresh.
 *
 * @module
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plan } from "./plan.ts";

/**
 * The plan with the paths of its local locations made absolute. They are relative to the pipeline's
 * folder, wherever the command line is run.
 */
export function placeLocations(plan: Plan, folder: string): Plan {
  const isPlaced = plan.instances.every(({ locations }) =>
    Object.values(locations).every((location) => location === null || isAddress(location))
  );
  if (isPlaced) return plan;
  const instances = plan.instances.map((instance) => {
    const locations = Object.entries(instance.locations).map(([name, location]) =>
      [name, location === null ? null : placed(location, folder)] as const
    );
    return { ...instance, locations: Object.fromEntries(locations) };
  });
  return { ...plan, instances };
}

/** Whether only the stage can reach what lies there, so that the address stands for the content. */
export function isAddress(location: string): boolean {
  return /^https?:/.test(location);
}

function placed(location: string, folder: string): string {
  if (isAddress(location)) return location;
  return location.startsWith("file:") ? fileURLToPath(location) : resolve(folder, location);
}
