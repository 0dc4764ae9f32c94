/**
 * Fetching packages through the user's own pip, so that mirrors, proxies and certificates are
 * those that the user has configured.
 *
 * @module
 */
import { lastLine, runChild } from "../../base/child.ts";
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
  const result = await runChild(python, ["-m", "pip", "--version"]);
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
  await pip([
    "download",
    "--no-deps",
    "--only-binary=:all:",
    "--implementation=cp",
    `--python-version=${PYTHON_VERSION}`,
    `--platform=${wheel.platform}`,
    ...QUIET,
    `--dest=${folder}`,
    `${wheel.distribution}==${wheel.version}`,
  ], options);
}

/** Installs packages, without what they depend on, into `folder`. */
export async function installInto(
  folder: string,
  requirements: readonly string[],
  options: PipOptions,
): Promise<void> {
  await pip([
    "install",
    "--no-deps",
    "--only-binary=:all:",
    "--no-compile",
    "--no-warn-script-location",
    ...QUIET,
    `--target=${folder}`,
    ...requirements,
  ], options);
}

/** Our own cache holds the result, so that a second copy in pip's would only take room. */
const QUIET = ["--no-cache-dir", "--progress-bar=off", "--disable-pip-version-check", "--no-input"];

async function pip(args: string[], { python, temporary, signal }: PipOptions): Promise<void> {
  const result = await runChild(python, ["-m", "pip", ...args], {
    signal,
    env: { TMPDIR: temporary },
  });
  if (result?.success) return;
  throw new Error(
    `Cannot fetch ${args.at(-1)} as pip must find and download it: current value is ` +
      `"${lastLine(result?.stderr ?? `no ${python}`)}". Check the network and pip's index ` +
      `(${python} -m pip config list).`,
  );
}
