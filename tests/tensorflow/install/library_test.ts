import assert from "node:assert/strict";
import { join } from "node:path";
import { findLibrary } from "../../../lib/tensorflow/install/library.ts";
import {
  cacheEntry,
  DESCRIPTION_FILE,
  libraryFiles,
} from "../../../lib/tensorflow/install/library_files.ts";
import { temporaryFolder, writePython } from "../fake_python.ts";

const { api, framework } = libraryFiles();

/** Makes a folder with two files of the libraries' names; loading them is left to the probe. */
async function writeLibraries(folder: string): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  for (const name of [api, framework]) await Deno.writeTextFile(join(folder, name), name);
  return folder;
}

async function writeCacheEntry(cache: string, gpu: boolean): Promise<string> {
  const entry = cacheEntry(cache, gpu);
  const folder = await writeLibraries(join(entry, "tensorflow"));
  const files = { [api]: api.length, [framework]: framework.length };
  const description = JSON.stringify({ version: "2.21.0", gpu, files });
  await Deno.writeTextFile(join(entry, DESCRIPTION_FILE), description);
  return folder;
}

/** All three places hold a library; tests take some away. */
async function setUp(folder: string) {
  const named = await writeLibraries(join(folder, "named"));
  const ofPython = await writeLibraries(join(folder, "site-packages", "tensorflow"));
  const cache = join(folder, "cache");
  const cached = await writeCacheEntry(cache, false);
  const { python } = await writePython(folder, {
    always: `echo '${join(ofPython, "__init__.py")}'; exit 0`,
  });
  const probe = () => Promise.resolve({ version: "2.18.1", gpu: true });
  return { named, ofPython, cached, options: { named: "", python, cache, probe } };
}

Deno.test("the library that TENSORFLOW_LIBRARY names comes first", async () => {
  await using folder = await temporaryFolder();
  const { named, options } = await setUp(folder.path);
  assert.deepEqual(await findLibrary({ ...options, named }), {
    folder: named,
    version: "2.18.1",
    gpu: true,
    origin: "TENSORFLOW_LIBRARY",
  });
});

Deno.test("an installed Python TensorFlow comes second", async () => {
  await using folder = await temporaryFolder();
  const { ofPython, options } = await setUp(folder.path);
  const library = await findLibrary(options);
  assert.equal(library?.origin, "python");
  assert.equal(library?.folder, ofPython);
});

Deno.test("the cache comes third, its GPU build before its CPU build", async () => {
  await using folder = await temporaryFolder();
  const { cached, options } = await setUp(folder.path);
  const elsewhere = { ...options, python: join(folder.path, "absent") };
  assert.equal((await findLibrary(elsewhere))?.folder, cached);
  const gpu = await writeCacheEntry(options.cache, true);
  assert.equal((await findLibrary(elsewhere))?.folder, gpu);
});

Deno.test("a Python TensorFlow that is too old, or cannot be loaded, is passed over", async () => {
  await using folder = await temporaryFolder();
  const { options } = await setUp(folder.path);
  for (const answer of [{ version: "2.15.0", gpu: false }, { problem: "not for this machine" }]) {
    const library = await findLibrary({ ...options, probe: () => Promise.resolve(answer) });
    assert.equal(library?.origin, "cache");
  }
});

Deno.test("a Python without TensorFlow, or one that fails, is passed over", async () => {
  await using folder = await temporaryFolder();
  const { options } = await setUp(folder.path);
  for (const always of ["echo; exit 0", "echo broken >&2; exit 1"]) {
    const { python } = await writePython(folder.path, { always });
    assert.equal((await findLibrary({ ...options, python }))?.origin, "cache");
  }
});

Deno.test("a tensorflow folder in the current folder is not taken for an installed one", async () => {
  await using folder = await temporaryFolder();
  const own = await writeLibraries(join(folder.path, "tensorflow"));
  await Deno.writeTextFile(join(own, "__init__.py"), "");
  const probe = () => Promise.resolve({ version: "2.21.0", gpu: false });
  const before = Deno.cwd();
  try {
    Deno.chdir(folder.path);
    const found = await findLibrary({ named: "", cache: join(folder.path, "cache"), probe });
    assert.notEqual(found?.folder, own);
  } finally {
    Deno.chdir(before);
  }
});

Deno.test("where there is no library at all, none is found, quickly", async () => {
  await using folder = await temporaryFolder();
  const start = performance.now();
  const nothing = { named: "", python: join(folder.path, "absent"), cache: folder.path };
  assert.equal(await findLibrary(nothing), null);
  assert.ok(performance.now() - start < 1000);
});

Deno.test("a wrong TENSORFLOW_LIBRARY is an error, not a fallback", async () => {
  await using folder = await temporaryFolder();
  const { options } = await setUp(folder.path);
  for (const named of [folder.path, join(folder.path, "absent")]) {
    await assert.rejects(findLibrary({ ...options, named }), {
      message: `Cannot use TENSORFLOW_LIBRARY as it must be a folder that holds ${api} and ` +
        `${framework}: current value is "${named}". Correct it, or unset it to have the library ` +
        "found or installed.",
    });
  }
});

Deno.test("a named library that is too old, or cannot be loaded, is an error that says why", async () => {
  await using folder = await temporaryFolder();
  const { named, options } = await setUp(folder.path);
  const old = () => Promise.resolve({ version: "2.9.1", gpu: false });
  await assert.rejects(findLibrary({ ...options, named, probe: old }), /\(version 2\.9\.1\)/);
  // Without a probe of the test's own, a child process tries to load the text files.
  await assert.rejects(
    findLibrary({ ...options, named, probe: undefined }),
    /Cannot use TENSORFLOW_LIBRARY as it must hold TensorFlow 2\.16 or later for .*named" \(.+\)/,
  );
});

Deno.test("a cache entry that is incomplete or damaged does not count", async () => {
  await using folder = await temporaryFolder();
  const { cached, options } = await setUp(folder.path);
  const elsewhere = { ...options, python: join(folder.path, "absent") };
  await Deno.writeTextFile(join(cached, api), "short");
  assert.equal(await findLibrary(elsewhere), null);
  await Deno.writeTextFile(join(cached, api), api);
  assert.notEqual(await findLibrary(elsewhere), null);
  await Deno.writeTextFile(join(cached, "..", DESCRIPTION_FILE), "{ cut sh");
  assert.equal(await findLibrary(elsewhere), null);
});

const real = Deno.env.get("TENSORFLOW_LIBRARY");

Deno.test({
  name: "a real library is asked for its version (needs TENSORFLOW_LIBRARY)",
  ignore: !real,
  fn: async () => {
    const library = await findLibrary({ named: real });
    assert.match(library!.version, /^2\.\d+\.\d+/);
    assert.equal(typeof library!.gpu, "boolean");
  },
});
