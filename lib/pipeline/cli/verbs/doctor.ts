/**
 * `doctor`: what was found on this machine, and what to do about each problem.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { messageOf } from "../../../base/message_of.ts";
import { EXIT } from "../../base/errors.ts";
import { removeIfThere, statIfThere, temporaryName } from "../../base/files.ts";
import { count, formatBytes } from "../../../base/format.ts";
import type { Check } from "../../execute/requirement.ts";
import { workspaceOptions } from "../options.ts";
import type { VerbContext } from "../verb.ts";
import { openWorkspace } from "../../freshness/workspace.ts";

/** The oldest Deno that has all that the engine uses: `FsFile.tryLock` and `Uint8Array.toBase64`. */
const OLDEST_DENO = [2, 5] as const;
/** Below this, a run of any size soon fails. */
const LITTLE_SPACE_BYTES = 2 * 2 ** 30;

/** Prints every check. @returns Exit status 1 if there is a problem. */
export async function doctor(context: VerbContext): Promise<number> {
  const { artifacts } = context.project;
  const checks = [
    checkDeno(Deno.version.deno),
    checkWritable(artifacts),
    checkSpace(artifacts),
    await checkStages(context),
  ];
  for (const [name, load] of Object.entries(context.requirements)) {
    checks.push(...await checkRequirement(name, load));
  }
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { status, name, detail, remedy } of checks) {
    console.log(`${status.padEnd(7)}  ${name.padEnd(width)}  ${detail}`);
    if (remedy) console.log(`${" ".repeat(11 + width)}${remedy}`);
  }
  const problems = checks.filter(({ status }) => status === "problem").length;
  console.log(problems === 0 ? "ready to run" : `${count(problems, "problem")} to solve first`);
  return problems === 0 ? EXIT.done : EXIT.stageFailed;
}

function checkDeno(version: string): Check {
  const [major, minor] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_DENO;
  const isNew = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  return {
    name: "Deno",
    status: isNew ? "ok" : "problem",
    detail: version,
    ...isNew ? {} : { remedy: "upgrade: deno upgrade, or run by npx --yes deno@2.9.6" },
  };
}

function checkWritable(folder: string): Check {
  const probe = temporaryName(`${folder}/doctor`);
  try {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(probe, "");
    removeIfThere(probe);
    return { name: "store", status: "ok", detail: `${folder} can be written` };
  } catch (cause) {
    return {
      name: "store",
      status: "problem",
      detail: `${folder} cannot be written: ${messageOf(cause)}`,
      remedy: "make it writable, or name another folder by --artifacts",
    };
  }
}

function checkSpace(folder: string): Check {
  const path = statIfThere(folder) ? folder : ".";
  const { bavail, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const isLittle = free < LITTLE_SPACE_BYTES;
  return {
    name: "disk",
    status: isLittle ? "warning" : "ok",
    detail: `${formatBytes(free)} free`,
    ...isLittle ? { remedy: "free some space; the verb `gc` removes what no run refers to" } : {},
  };
}

async function checkStages(context: VerbContext): Promise<Check> {
  try {
    const { plan } = await openWorkspace({ ...workspaceOptions(context), targets: [] });
    const stages = count(Object.keys(plan.stages).length, "stage");
    const detail = `${stages}, ${count(plan.instances.length, "instance")}`;
    return { name: "pipeline", status: "ok", detail };
  } catch (cause) {
    return {
      name: "pipeline",
      status: "problem",
      detail: messageOf(cause),
      remedy: "fix the file at the marked place",
    };
  }
}

async function checkRequirement(
  name: string,
  load: VerbContext["requirements"][string],
): Promise<Check[]> {
  try {
    return await (await load()).check();
  } catch (cause) {
    return [{ name, status: "problem", detail: messageOf(cause) }];
  }
}
