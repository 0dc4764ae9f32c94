/**
 * The files of a report for programs, as a folder or a git revision has them.
 *
 * @module
 */
import { join, relative, resolve } from "node:path";
import { PipelineError } from "../../pipeline/base/errors.ts";
import { readTextIfThere, statIfThere } from "../../pipeline/base/files.ts";
import type { Project } from "../../pipeline/config/project.ts";
import { type ClaimRecord, parseClaimsJson } from "../claims/json.ts";
import { shown } from "./committed_report.ts";
import { git } from "./git.ts";

/** What is compared of a report. */
export interface ReportFiles {
  /** The folder, or the revision and the folder. */
  readonly label: string;
  /** Every number of summary.json by its path, such as "knn.init.mean". */
  readonly numbers: ReadonlyMap<string, number>;
  readonly claims: readonly ClaimRecord[];
  /** The figures' data by their ids: CSV. */
  readonly figures: ReadonlyMap<string, string>;
}

/**
 * The report that a word names: a folder, a git revision of the project's report, or
 * `REVISION:FOLDER`.
 *
 * @throws {PipelineError} if there is none.
 */
export async function readReport(word: string, project: Project): Promise<ReportFiles> {
  if (statIfThere(word)?.isDirectory) return readFolder(resolve(word));
  const colon = word.indexOf(":");
  const revision = colon < 0 ? word : word.slice(0, colon);
  const folder = colon < 0 ? relative(project.folder, project.reports) : word.slice(colon + 1);
  return await readRevision(revision, folder, project);
}

function readFolder(folder: string): ReportFiles {
  const label = shown(folder);
  const summary = readTextIfThere(join(folder, "summary.json"));
  const claims = readTextIfThere(join(folder, "claims.json"));
  if (summary === null || claims === null) throw noReport(label);
  const data = join(folder, "data");
  const names = statIfThere(data) ? [...Deno.readDirSync(data)].map(({ name }) => name) : [];
  const figures = figureIds(names).map((id) =>
    [id, Deno.readTextFileSync(join(data, `${id}.csv`))] as const
  );
  return toFiles(label, summary, claims, figures);
}

async function readRevision(
  revision: string,
  folder: string,
  project: Project,
): Promise<ReportFiles> {
  const label = `${revision}:${folder}`;
  const show = (path: string) => git(project.folder, "show", `${revision}:./${folder}/${path}`);
  const [summary, claims] = [await show("summary.json"), await show("claims.json")];
  if (summary === null || claims === null) throw noReport(label);
  const listed = await git(
    project.folder,
    "ls-tree",
    "--name-only",
    `${revision}:./${folder}/data`,
  );
  const ids = figureIds(listed?.split("\n") ?? []);
  const figures = await Promise.all(
    ids.map(async (id) => [id, await show(`data/${id}.csv`) ?? ""] as const),
  );
  return toFiles(label, summary, claims, figures);
}

function figureIds(names: readonly string[]): string[] {
  return names.filter((name) => name.endsWith(".csv")).map((name) => name.slice(0, -4)).sort();
}

function toFiles(
  label: string,
  summary: string,
  claims: string,
  figures: readonly (readonly [string, string])[],
): ReportFiles {
  return {
    label,
    numbers: new Map(numbersOf(JSON.parse(summary), "")),
    claims: parseClaimsJson(claims, `${label}/claims.json`),
    figures: new Map(figures),
  };
}

/** The numbers in nested objects, each with its path. */
function numbersOf(value: unknown, path: string): [string, number][] {
  if (typeof value === "number") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    numbersOf(each, path === "" ? key : `${path}.${key}`)
  );
}

function noReport(label: string): PipelineError {
  return new PipelineError(
    `Cannot compare with ${label} as it must be a report's folder, a git revision or ` +
      "REVISION:FOLDER, with summary.json and claims.json: a run of the pipeline writes them",
  );
}
