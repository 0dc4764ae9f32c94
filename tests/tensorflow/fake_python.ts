/** A fake `python3` with pip, and fake wheels, so that installing is tested without a network. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Zippable, zipSync } from "fflate";
import { libraryFiles } from "../../lib/tensorflow/install/library_files.ts";
import { PYTHON_VERSION, type Wheel } from "../../lib/tensorflow/install/wheels.ts";

const { api, framework } = libraryFiles();

/** What a fake wheel contains. */
export interface FakeWheelOptions {
  /** Contents of the two libraries. */
  libraries?: { api: Uint8Array; framework: Uint8Array };
  /** Changes RECORD's text. */
  editRecord?: (record: string) => string;
  gpu?: boolean;
}

/** Two libraries of some size that compress, but not to nothing. */
export const LIBRARIES = {
  api: Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * i >> 3) & 0xff),
  framework: Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7) & 0xff),
};

/** Writes a fake wheel into `folder` and says what pip would say of it. */
export async function writeWheel(
  folder: string,
  { libraries = LIBRARIES, editRecord = (text) => text, gpu = false }: FakeWheelOptions = {},
): Promise<{ path: string; wheel: Wheel }> {
  const files: Record<string, Uint8Array> = {
    [`tensorflow/${framework}`]: libraries.framework,
    [`tensorflow/${api}`]: libraries.api,
    "tensorflow/__init__.py": new TextEncoder().encode("# not wanted\n"),
  };
  const record = Object.entries(files).map(([name, bytes]) =>
    `${name},sha256=${createHash("sha256").update(bytes).digest("base64url")},${bytes.length}\n`
  ).join("");
  const contents: Zippable = {
    ...files,
    "fake-2.21.0.dist-info/METADATA": new TextEncoder().encode("Name: fake\n"),
    "fake-2.21.0.dist-info/RECORD": new TextEncoder().encode(editRecord(record)),
  };
  const bytes = zipSync(contents);
  const path = join(folder, `fake-2.21.0-cp311-cp311-${gpu ? "gpu" : "cpu"}.whl`);
  await Deno.writeFile(path, bytes);
  return { path, wheel: describe(bytes, libraries, gpu) };
}

function describe(
  bytes: Uint8Array,
  libraries: { api: Uint8Array; framework: Uint8Array },
  gpu: boolean,
): Wheel {
  return {
    distribution: gpu ? "tensorflow" : "tensorflow-cpu",
    version: "2.21.0",
    platform: "manylinux_2_27_x86_64",
    gpu,
    bytes: bytes.length,
    libraryBytes: libraries.api.length + libraries.framework.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

/** What the fake pip does beside noting its arguments. */
export interface FakePip {
  /** Shell commands for `pip download`; `$dest` is the folder. */
  download?: string;
  /** Shell commands for `pip install`; `$target` is the folder, `$requirements` the file. */
  install?: string;
  /** Shell commands in place of everything else. */
  always?: string;
}

/** Writes an executable that answers as `python3 -m pip` and notes each call's arguments in a log. */
export async function writePython(
  folder: string,
  { download = "exit 1", install = "exit 1", always = "" }: FakePip,
): Promise<{ python: string; calls: () => Promise<string[][]> }> {
  const python = join(folder, "python3");
  const log = join(folder, "calls.log");
  await Deno.writeTextFile(
    python,
    `#!/bin/sh
${always}
if [ "$3" = --version ]; then echo "pip 1.0"; exit 0; fi
(printf '%s\\t' "$@"; echo) >> '${log}'
for argument in "$@"; do
  case "$argument" in
    --dest=*) dest="\${argument#--dest=}" ;;
    --target=*) target="\${argument#--target=}" ;;
    --requirement=*) requirements="\${argument#--requirement=}" ;;
  esac
done
case "$3" in
  download) ${download} ;;
  install) ${install} ;;
esac
`,
    { mode: 0o755 },
  );
  return {
    python,
    calls: async () =>
      (await Deno.readTextFile(log)).trim().split("\n").map((line) => line.trim().split("\t")),
  };
}

/** The arguments with which a wheel must be downloaded. */
export function downloadArguments(wheel: Wheel): string[] {
  return [
    "-m",
    "pip",
    "download",
    "--no-deps",
    "--only-binary=:all:",
    `--python-version=${PYTHON_VERSION}`,
    `--platform=${wheel.platform}`,
    `${wheel.distribution}==${wheel.version}`,
  ];
}

/** Makes a temporary folder that is removed with the scope. */
export async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** The names in a folder, sorted. */
export async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.sort();
}
