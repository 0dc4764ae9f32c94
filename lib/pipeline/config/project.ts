/**
 * A project: where its pipeline, profile, store and reports lie.
 *
 * @module
 */
import { dirname, join, relative, resolve } from "node:path";
import type { ConfigSources } from "./config.ts";
import type { Override } from "./override.ts";
import { PipelineError } from "../base/errors.ts";
import { readTextIfThere } from "../base/files.ts";
import { suggestion } from "../base/suggest.ts";

/** What the command line says of a project. */
export interface ProjectOptions {
  /** The pipeline file. @default {"pipeline.yaml"} */
  readonly file?: string;
  readonly profile?: string;
  readonly overrides?: readonly Override[];
  readonly artifacts?: string;
  readonly reports?: string;
}

/** A project's places. */
export interface Project {
  /** Folder of the pipeline file; modules, profiles and lock files are found beside it. */
  readonly folder: string;
  readonly profile: string | null;
  readonly sources: ConfigSources;
  /** The store's folder. */
  readonly artifacts: string;
  /** The report's folder. */
  readonly reports: string;
  readonly lockFile: string;
}

/** Reads a project. @throws {PipelineError} if the pipeline file or the profile is not there. */
export function openProject(options: ProjectOptions = {}): Project {
  const path = resolve(options.file ?? "pipeline.yaml");
  const folder = dirname(path);
  const text = readTextIfThere(path);
  if (text === null) {
    throw new PipelineError(
      `Cannot run as there is no file ${options.file ?? "pipeline.yaml"}: ` +
        "name the pipeline file by --file, or go to its folder",
    );
  }
  const profile = options.profile ?? null;
  const profileSource = profile === null ? null : readProfile(folder, profile);
  const name = (file: string) => relative(Deno.cwd(), file) || file;
  return {
    folder,
    profile,
    sources: {
      pipeline: { file: name(path), text },
      profile: profileSource && { file: name(profileSource.path), text: profileSource.text },
      overrides: options.overrides ?? [],
    },
    artifacts: resolve(options.artifacts ?? join(folder, "artifacts")),
    reports: resolve(options.reports ?? join(folder, "reports"), profile ?? ""),
    lockFile: profile === null
      ? join(folder, "pipeline.lock.yaml")
      : join(folder, "profiles", `${profile}.lock.yaml`),
  };
}

function readProfile(folder: string, profile: string): { path: string; text: string } {
  const path = join(folder, "profiles", `${profile}.yaml`);
  const text = readTextIfThere(path);
  if (text !== null) return { path, text };
  const known = profileNames(folder);
  throw new PipelineError(`There is no profile "${profile}": ${suggestion(profile, known)}`);
}

/** The names of a folder's profiles. */
export function profileNames(folder: string): string[] {
  try {
    return [...Deno.readDirSync(join(folder, "profiles"))]
      .map(({ name }) => name)
      .filter((name) => name.endsWith(".yaml") && !name.endsWith(".lock.yaml"))
      .map((name) => name.slice(0, -".yaml".length))
      .sort();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return [];
    throw cause;
  }
}
