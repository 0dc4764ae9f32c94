/**
 * `schema`: writes pipeline.schema.json beside the pipeline file, for editors.
 *
 * @module
 */
import { join, relative } from "node:path";
import { EXIT, PipelineError } from "../../base/errors.ts";
import { readTextIfThere, writeAtomically } from "../../base/files.ts";
import type { StageInterface } from "../../stage/interface.ts";
import { readInterface } from "../../plan/load.ts";
import { pipelineSchema } from "../../plan/json_schema.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Store } from "../../store/store.ts";
import { workspaceOptions } from "../options.ts";
import type { VerbContext } from "../verb.ts";
import { openWorkspace } from "../../freshness/workspace.ts";

/** Writes the schema if it changed; with `--print` to stdout. */
export async function schema(context: VerbContext): Promise<number> {
  const { plan, store } = await openWorkspace(workspaceOptions(context));
  const text = `${JSON.stringify(pipelineSchema(plan, interfacesOf(plan, store)), null, 2)}\n`;
  if (context.flags.print) {
    await new Blob([text]).stream().pipeTo(Deno.stdout.writable, { preventClose: true });
    return EXIT.done;
  }
  const path = join(context.project.folder, "pipeline.schema.json");
  const isCurrent = readTextIfThere(path) === text;
  if (!isCurrent) writeAtomically(path, text);
  console.log(`${relative(Deno.cwd(), path)} ${isCurrent ? "is current" : "was written"}`);
  return EXIT.done;
}

/** The interfaces that loading the plan left in the store. */
function interfacesOf(plan: Plan, store: Store): Record<string, StageInterface> {
  return Object.fromEntries(
    Object.values(plan.stages).map(({ name, codeKey }) => {
      const face = readInterface(store, codeKey);
      if (!face) {
        throw new PipelineError(
          `Cannot describe stage ${name} as the store forgot it: remove ${store.path("plans")}, ` +
            "so that all stages are read again",
        );
      }
      return [name, face];
    }),
  );
}
