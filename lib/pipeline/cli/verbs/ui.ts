/**
 * `ui`: a page on this machine that shows runs live and their history.
 *
 * @module
 */
import { join } from "node:path";
import { EXIT, PipelineError } from "../../base/errors.ts";
import { Scratch } from "../../base/scratch.ts";
import { openProject } from "../../config/project.ts";
import { Store } from "../../store/store.ts";
import { startServer } from "../../ui/server.ts";
import type { VerbContext } from "../verb.ts";

/** Serves the page until Ctrl-C. */
export async function ui(context: VerbContext): Promise<number> {
  const { project, flags, verbNames } = context;
  const { file, profile, artifacts, reports } = flags;
  const { overrides } = project.sources;
  const reopen = () => openProject({ file, profile, artifacts, reports, overrides });
  const server = startServer({ project, reopen, reservedNames: verbNames }, portOf(flags.port));
  console.log(server.url);
  console.error("The page is for this machine alone; Ctrl-C ends it");
  const stop = Promise.withResolvers<void>();
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const name of signals) Deno.addSignalListener(name, stop.resolve);
  using scratch = flags.open ? new Scratch(new Store(project.artifacts).path("tmp")) : null;
  if (scratch) openBrowser(writeDoor(scratch.folder, server.url));
  await stop.promise;
  // Streams to pages that are open would keep the process alive.
  return EXIT.done;
}

/**
 * Writes a file that leads to an address: every user of a machine can see the arguments of its
 * processes, but only this one can read the file.
 */
function writeDoor(folder: string, url: string): string {
  const path = join(folder, "open.html");
  const text = '<!DOCTYPE html><meta charset="utf-8"><meta name="referrer" content="no-referrer">' +
    `<title>Pipeline</title><meta http-equiv="refresh" content="0; url=${url}">\n`;
  Deno.writeTextFileSync(path, text, { mode: 0o600, createNew: true });
  return path;
}

function portOf(text: string | undefined): number {
  const port = Number(text ?? 0);
  if (Number.isInteger(port) && port >= 0 && port < 65536) return port;
  throw new PipelineError(`Cannot serve the page as --port must be a port: it is "${text}"`);
}

function openBrowser(path: string): void {
  const commands = { darwin: "open", windows: "explorer" } as Record<string, string>;
  try {
    const command = new Deno.Command(commands[Deno.build.os] ?? "xdg-open", {
      args: [path],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    command.spawn().unref();
  } catch {
    console.error("There is no browser to open: open the address in one");
  }
}
