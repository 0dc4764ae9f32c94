/**
 * Fetching packages through the user's own pip, so that mirrors, proxies and certificates are
 * those that the user has configured.
 *
 * @module
 */
import { join } from "node:path";
import { type ChildResult, lastLine, runChild } from "../../base/child.ts";
import type { PinnedPackage } from "./library_files.ts";
import { PYTHON_VERSION, type Wheel } from "./wheels.ts";

/** Settings of the functions here. */
export interface PipOptions {
  /** The Python interpreter whose pip is used. */
  python: string;
  /** An existing folder for pip's temporary files, so that a killed pip leaves nothing elsewhere. */
  temporary: string;
  signal?: AbortSignal;
}

/** What is missing for pip to run, or null where it is there. */
export async function missingPip(python: string): Promise<string | null> {
  const folder = await Deno.makeTempDir();
  const result = await runPip(["--version"], { python, temporary: folder })
    .finally(() => Deno.remove(folder, { recursive: true }));
  if (result === null) return `no ${python}`;
  return result.success ? null : `${python} without pip`;
}

/** How to get pip, for messages. */
export const PIP_REMEDY =
  "Install it (Debian, Ubuntu: apt install python3-pip; Fedora: dnf install " +
  "python3-pip; elsewhere: python3 -m ensurepip)";

/** Downloads a wheel into `folder`; any Python serves, whatever its version and platform. */
export async function downloadWheel(
  wheel: Wheel,
  folder: string,
  options: PipOptions,
): Promise<void> {
  const what = `${wheel.distribution}==${wheel.version}`;
  await pip(what, [
    "download",
    "--no-deps",
    "--only-binary=:all:",
    "--implementation=cp",
    `--python-version=${PYTHON_VERSION}`,
    `--platform=${wheel.platform}`,
    ...QUIET,
    `--dest=${folder}`,
    what,
  ], options);
}

/**
 * Installs packages, without what they depend on, into `folder`. pip refuses a file that has
 * another SHA-256.
 */
export async function installInto(
  folder: string,
  packages: readonly PinnedPackage[],
  options: PipOptions,
): Promise<void> {
  const requirements = join(options.temporary, "requirements.txt");
  const lines = packages.map(({ name, version, sha256 }) =>
    `${name}==${version} --hash=sha256:${sha256}\n`
  );
  await Deno.writeTextFile(requirements, lines.join(""));
  await pip(packages.map(({ name }) => name).join(", "), [
    "install",
    "--no-deps",
    "--only-binary=:all:",
    "--require-hashes",
    "--no-compile",
    "--no-warn-script-location",
    ...QUIET,
    `--target=${folder}`,
    `--requirement=${requirements}`,
  ], options);
}

/** Our own cache holds the result, so that a second copy in pip's would only take room. */
const QUIET = ["--no-cache-dir", "--progress-bar=off", "--disable-pip-version-check", "--no-input"];

async function pip(what: string, args: readonly string[], options: PipOptions): Promise<void> {
  const result = await runPip(args, options);
  if (result?.success) return;
  const { python } = options;
  throw new Error(
    `Cannot fetch ${what} as pip must find and download it: current value is ` +
      `"${lastLine(result?.stderr ?? `no ${python}`)}". Check the network and pip's index ` +
      `(${python} -m pip config list).`,
  );
}

/** In a folder of its own: `python -m pip` would run a `pip.py` of the current one. */
async function runPip(
  args: readonly string[],
  { python, temporary, signal }: PipOptions,
): Promise<ChildResult | null> {
  const cwd = await Deno.makeTempDir({ dir: temporary });
  return await runChild(python, ["-m", "pip", ...args], {
    signal,
    cwd,
    env: { TMPDIR: temporary },
  });
}
