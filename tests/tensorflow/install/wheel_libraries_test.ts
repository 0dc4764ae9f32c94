import assert from "node:assert/strict";
import { extractLibraries } from "../../../lib/tensorflow/install/wheel_libraries.ts";
import { libraryFiles } from "../../../lib/tensorflow/install/library_files.ts";
import { LIBRARIES, temporaryFolder, writeWheel } from "../fake_python.ts";

const { api, framework } = libraryFiles();

Deno.test("extraction reports every library's size and the bytes as they come", async () => {
  await using folder = await temporaryFolder();
  const { path } = await writeWheel(folder.path);
  const bytes: number[] = [];
  const extracted = await extractLibraries(path, folder.path, { onBytes: (b) => bytes.push(b) });
  assert.deepEqual(extracted, {
    [framework]: LIBRARIES.framework.length,
    [api]: LIBRARIES.api.length,
  });
  assert.equal(bytes.at(-1), LIBRARIES.framework.length + LIBRARIES.api.length);
  assert.deepEqual(bytes, bytes.toSorted((a, b) => a - b));
});

Deno.test("a library that differs from its RECORD is refused", async () => {
  await using folder = await temporaryFolder();
  const editRecord = (record: string) => record.replace(/sha256=[\w-]{5}/g, "sha256=wrong");
  const { path } = await writeWheel(folder.path, { editRecord });
  await assert.rejects(
    extractLibraries(path, folder.path),
    /Cannot accept tensorflow\/.* as its SHA-256 must be wrong.*: current value is/,
  );
});

Deno.test("a library that RECORD does not name is refused", async () => {
  await using folder = await temporaryFolder();
  const { path } = await writeWheel(folder.path, { editRecord: () => "" });
  await assert.rejects(
    extractLibraries(path, folder.path),
    /as its SHA-256 must be given in the wheel's RECORD/,
  );
});

Deno.test("a wheel without the library is refused", async () => {
  await using folder = await temporaryFolder();
  const { path } = await writeWheel(folder.path);
  const files = { api: "absent.so", framework };
  await assert.rejects(
    extractLibraries(path, folder.path, { files }),
    /as it must contain tensorflow\/absent\.so: current value is 5 entries without it/,
  );
});

Deno.test("extraction stops when it is aborted", async () => {
  await using folder = await temporaryFolder();
  const { path } = await writeWheel(folder.path);
  const abort = new AbortController();
  const onBytes = () => abort.abort(new Error("enough"));
  await assert.rejects(
    extractLibraries(path, folder.path, { signal: abort.signal, onBytes }),
    /enough/,
  );
});

Deno.test("a wheel that is cut short is refused, wherever the cut is", async () => {
  await using folder = await temporaryFolder();
  const { path } = await writeWheel(folder.path);
  const whole = await Deno.readFile(path);
  for (const length of [0, 10, whole.length >> 1, whole.length - 90, whole.length - 5]) {
    await Deno.writeFile(path, whole.subarray(0, length));
    await assert.rejects(
      extractLibraries(path, folder.path),
      /as it must be a whole zip archive: current value is ".*\.whl" \(.+\)/,
      `${length} bytes`,
    );
  }
});

Deno.test("a wheel with damaged data is refused", async () => {
  await using folder = await temporaryFolder();
  const { path } = await writeWheel(folder.path);
  const bytes = await Deno.readFile(path);
  await Deno.writeFile(path, bytes.fill(0xff, 1000, 1100));
  await assert.rejects(extractLibraries(path, folder.path));
});
