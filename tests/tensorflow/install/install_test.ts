import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { zipSync } from "fflate";
import { CUDA_PACKAGES, cudaVersions } from "../../../lib/tensorflow/install/cuda.ts";
import { installLibrary, type InstallOptions } from "../../../lib/tensorflow/install/install.ts";
import { libraryFiles, type PinnedPackage } from "../../../lib/tensorflow/install/library_files.ts";
import { installInto, missingPip } from "../../../lib/tensorflow/install/pip.ts";
import {
  downloadArguments,
  type FakePip,
  LIBRARIES,
  namesIn,
  temporaryFolder,
  writePython,
  writeWheel,
} from "../fake_python.ts";

const { api, framework } = libraryFiles();

/** A fake python and a cache folder in `folder`. */
async function setUp(folder: string, pip: FakePip = {}) {
  const { path, wheel } = await writeWheel(folder);
  const fake = await writePython(folder, { download: `cp '${path}' "$dest"`, ...pip });
  const cache = join(folder, "cache");
  const options: InstallOptions = { cache, python: fake.python, wheel };
  return { path, wheel, cache, options, calls: fake.calls };
}

Deno.test("installing takes the two libraries out of the wheel and nothing else", async () => {
  await using folder = await temporaryFolder();
  const { options, cache, wheel, calls } = await setUp(folder.path);
  const progress: number[] = [];
  const library = await installLibrary({ ...options, progress: (done) => progress.push(done) });
  const entry = join(cache, "tensorflow-2.21.0-cpu");
  assert.deepEqual(library, {
    folder: join(entry, "tensorflow"),
    version: "2.21.0",
    gpu: false,
    origin: "cache",
  });
  assert.deepEqual(await namesIn(cache), ["install.lock", "tensorflow-2.21.0-cpu"]);
  assert.deepEqual(await namesIn(entry), ["library.json", "tensorflow"]);
  assert.deepEqual(await namesIn(library.folder), [api, framework].sort());
  assert.deepEqual(await Deno.readFile(join(library.folder, api)), LIBRARIES.api);
  assert.deepEqual(await Deno.readFile(join(library.folder, framework)), LIBRARIES.framework);
  const [call] = await calls();
  for (const argument of downloadArguments(wheel)) assert.ok(call.includes(argument), argument);
  assert.ok(progress.length > 0 && progress.every((done) => done >= 0 && done <= 1));
  assert.deepEqual(progress, progress.toSorted((a, b) => a - b));
});

Deno.test("a second installation finds the first and fetches nothing", async () => {
  await using folder = await temporaryFolder();
  const { options, calls } = await setUp(folder.path);
  await installLibrary(options);
  await installLibrary(options);
  assert.equal((await calls()).length, 1);
});

Deno.test("two installations at once share one download", async () => {
  await using folder = await temporaryFolder();
  const wheel = await writeWheel(folder.path);
  const { options, calls } = await setUp(folder.path, {
    download: `sleep 0.3; cp '${wheel.path}' "$dest"`,
  });
  const lines: string[] = [];
  const both = await Promise.all(
    [1, 2].map(() => installLibrary({ ...options, log: (line) => lines.push(line) })),
  );
  assert.deepEqual(both[0], both[1]);
  assert.equal((await calls()).length, 1);
  assert.ok(lines.includes("Another process is installing the TensorFlow library; waiting."));
});

/** Asserts that an installation fails with a message and leaves nothing behind. */
async function assertFails(options: InstallOptions, message: RegExp): Promise<void> {
  await assert.rejects(installLibrary(options), message);
  const left = await namesIn(options.cache!).catch(() => []);
  assert.deepEqual(left.filter((name) => name !== "install.lock"), []);
}

Deno.test("without python3 the error says what to install", async () => {
  await using folder = await temporaryFolder();
  const { options } = await setUp(folder.path);
  await assertFails(
    { ...options, python: join(folder.path, "absent") },
    /as python3 with pip must be there to fetch it: current value is no .*absent\. Install it \(Debian/,
  );
});

Deno.test("without pip the error says what to install", async () => {
  await using folder = await temporaryFolder();
  const { options } = await setUp(folder.path, {
    always: `echo "python3: No module named pip" >&2; exit 1`,
  });
  await assertFails(options, /current value is .*python3 without pip\. Install it/);
});

Deno.test("a download that fails is reported in pip's last words", async () => {
  await using folder = await temporaryFolder();
  const { options } = await setUp(folder.path, {
    download: `echo "ERROR: No matching distribution found for tensorflow-cpu" >&2; exit 1`,
  });
  await assertFails(
    options,
    /Cannot fetch tensorflow-cpu==2\.21\.0 .*"ERROR: No matching distribution found for tensorflow-cpu"/,
  );
});

Deno.test("a wheel of another SHA-256 is refused", async () => {
  await using folder = await temporaryFolder();
  const { options, wheel } = await setUp(folder.path);
  await assertFails(
    { ...options, wheel: { ...wheel, sha256: "0".repeat(64) } },
    new RegExp(`as its SHA-256 must be 0{64}: current value is ${wheel.sha256}`),
  );
});

Deno.test("a wheel that is cut short is refused", async () => {
  await using folder = await temporaryFolder();
  const { options, path } = await setUp(folder.path);
  await Deno.truncate(path, 2000);
  await assertFails(options, /as its SHA-256 must be/);
});

Deno.test("a pip that leaves no wheel is reported", async () => {
  await using folder = await temporaryFolder();
  const { options } = await setUp(folder.path, { download: "exit 0" });
  await assertFails(options, /pip must leave its wheel in the folder that it was given/);
});

Deno.test("too little room is reported before anything is fetched", async () => {
  await using folder = await temporaryFolder();
  const { options, wheel, calls } = await setUp(folder.path);
  const large = { ...wheel, bytes: 274e6, libraryBytes: 853e6 };
  await assertFails(
    { ...options, wheel: large, freeBytes: () => Promise.resolve(3e8) },
    /must have 1\.1 GB free: current value is 0\.3 GB\. Make room, or set XDG_CACHE_HOME/,
  );
  await assert.rejects(calls(), Deno.errors.NotFound);
});

Deno.test("a platform without a build is named", async () => {
  await using folder = await temporaryFolder();
  const { options } = await setUp(folder.path);
  await assertFails(
    { ...options, wheel: null },
    new RegExp(`current value is ${Deno.build.os} ${Deno.build.arch}`),
  );
});

Deno.test("aborting ends pip and leaves nothing behind", async () => {
  await using folder = await temporaryFolder();
  const { options } = await setUp(folder.path, { download: "exec sleep 60" });
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error("interrupted by the user")), 200);
  await assertFails({ ...options, signal: abort.signal }, /interrupted by the user/);
});

Deno.test("what a killed installation left is removed by the next", async () => {
  await using folder = await temporaryFolder();
  const { options, cache, path } = await setUp(folder.path, { download: "exec sleep 5" });
  const program = new URL("../../../lib/tensorflow/install/install.ts", import.meta.url);
  const code = `const { installLibrary } = await import("${program}");
    await installLibrary(${JSON.stringify(options)});`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
    stdout: "null",
    stderr: "null",
  }).spawn();
  await untilTrue(async () => (await namesIn(cache).catch(() => [])).some(isStaging));
  child.kill("SIGKILL");
  await child.status;
  assert.ok((await namesIn(cache)).some(isStaging), "the kill came too late");
  const { python } = await writePython(folder.path, { download: `cp '${path}' "$dest"` });
  await installLibrary({ ...options, python });
  assert.deepEqual(await namesIn(cache), ["install.lock", "tensorflow-2.21.0-cpu"]);
});

const isStaging = (name: string) => name.endsWith(".part");

async function untilTrue(condition: () => Promise<boolean>): Promise<void> {
  while (!await condition()) await delay(20);
}

Deno.test("an entry with a file missing is installed anew", async () => {
  await using folder = await temporaryFolder();
  const { options, calls } = await setUp(folder.path);
  const library = await installLibrary(options);
  await Deno.remove(join(library.folder, api));
  await installLibrary(options);
  assert.equal((await calls()).length, 2);
  assert.deepEqual(await Deno.readFile(join(library.folder, api)), LIBRARIES.api);
});

Deno.test("the GPU build gets pinned CUDA packages, in the layout it looks for, and tells them", async () => {
  await using folder = await temporaryFolder();
  const { path, wheel } = await writeWheel(folder.path, { gpu: true });
  const kept = join(folder.path, "requirements");
  const { python, calls } = await writePython(folder.path, {
    download: `cp '${path}' "$dest"`,
    install: `mkdir -p "$target/nvidia/cudnn/lib"; cp "$requirements" '${kept}'`,
  });
  const cache = join(folder.path, "cache");
  const library = await installLibrary({ cache, python, wheel, gpu: true });
  assert.equal(library.gpu, true);
  const entry = join(cache, "tensorflow-2.21.0-gpu");
  assert.equal(library.folder, join(entry, "tensorflow"));
  assert.deepEqual(await namesIn(entry), ["library.json", "nvidia", "tensorflow"]);
  const [download, install] = await calls();
  assert.ok(download.includes("tensorflow==2.21.0"));
  for (const argument of ["--no-deps", "--only-binary=:all:", "--require-hashes"]) {
    assert.ok(install.includes(argument), argument);
  }
  assert.match(install.find((argument) => argument.startsWith("--target="))!, /\.part$/);
  const lines = (await Deno.readTextFile(kept)).trimEnd().split("\n");
  assert.equal(lines.length, CUDA_PACKAGES.length);
  for (const line of lines) {
    assert.match(line, /^nvidia-[\w-]+==[\d.]+ --hash=sha256:[0-9a-f]{64}$/);
  }
  assert.deepEqual(Object.keys(await cudaVersions(library.folder)).sort(), [
    "CUDA",
    "cuBLAS",
    "cuDNN",
  ]);
});

/** Serves a wheel to pip, and nothing else, as long as the scope lasts. */
async function serveWheel(folder: string): Promise<{ pinned: PinnedPackage } & Disposable> {
  const text = (content: string) => new TextEncoder().encode(content);
  const bytes = zipSync({
    "fake-1.0.dist-info/METADATA": text("Metadata-Version: 2.1\nName: fake\nVersion: 1.0\n"),
    "fake-1.0.dist-info/WHEEL": text(
      "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    ),
    "fake-1.0.dist-info/RECORD": text(""),
    "fake.py": text("pass\n"),
  });
  await Deno.writeFile(join(folder, "fake-1.0-py3-none-any.whl"), bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const variables = { PIP_NO_INDEX: "1", PIP_FIND_LINKS: folder };
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  return {
    pinned: { name: "fake", version: "1.0", sha256 },
    [Symbol.dispose]: () => Object.keys(variables).forEach((name) => Deno.env.delete(name)),
  };
}

const hasPip = await missingPip("python3") === null;

Deno.test({
  name: "pip refuses a package with another SHA-256 than the pinned one (needs pip)",
  ignore: !hasPip,
  fn: async () => {
    await using folder = await temporaryFolder();
    using served = await serveWheel(folder.path);
    const { pinned } = served;
    const target = join(folder.path, "target");
    const options = { python: "python3", temporary: folder.path };
    const other = { ...pinned, sha256: "0".repeat(64) };
    await assert.rejects(installInto(target, [other], options), /Cannot fetch fake as pip must/);
    await installInto(target, [pinned], options);
    assert.ok((await namesIn(target)).includes("fake.py"));
  },
});

Deno.test({
  name: "a pip.py of the current folder is not run (needs pip)",
  ignore: !hasPip,
  fn: async () => {
    await using folder = await temporaryFolder();
    const mark = join(folder.path, "mark");
    await Deno.writeTextFile(join(folder.path, "pip.py"), `open(${JSON.stringify(mark)}, "w")`);
    using served = await serveWheel(folder.path);
    const { pinned } = served;
    const before = Deno.cwd();
    try {
      Deno.chdir(folder.path);
      assert.equal(await missingPip("python3"), null);
      const temporary = await Deno.makeTempDir({ dir: folder.path });
      await installInto(join(temporary, "target"), [pinned], { python: "python3", temporary });
    } finally {
      Deno.chdir(before);
    }
    assert.ok(!(await namesIn(folder.path)).includes("mark"));
  },
});
