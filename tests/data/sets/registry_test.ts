import assert from "node:assert/strict";
import { CIFAR10_CLASSES } from "../../../lib/data/sets/cifar10.ts";
import { CIFAR100_CLASSES } from "../../../lib/data/sets/cifar100.ts";
import { DATA_SET_NAMES, PUBLISHED_ARCHIVES } from "../../../lib/data/sets/registry.ts";
import { STL10_CLASSES } from "../../../lib/data/sets/stl10.ts";

Deno.test("every published archive has a secure address and a checksum of the right length", () => {
  for (const { url, checksum } of Object.values(PUBLISHED_ARCHIVES)) {
    assert.equal(new URL(url).protocol, "https:");
    assert.match(checksum.hex, /^[0-9a-f]{32}$/);
    assert.equal(checksum.algorithm, "md5");
  }
});

Deno.test("the registry's numbers of classes are those of the readers", () => {
  const { cifar10, cifar100, stl10 } = PUBLISHED_ARCHIVES;
  assert.equal(cifar10.classCount, CIFAR10_CLASSES.length);
  assert.equal(cifar100.classCount, CIFAR100_CLASSES.length);
  assert.equal(stl10.classCount, STL10_CLASSES.length);
});

Deno.test("the embedded data set comes first", () => {
  assert.deepEqual(DATA_SET_NAMES, [
    "textures",
    "cifar10",
    "cifar100",
    "stl10",
    "tiny-imagenet-200",
  ]);
});

Deno.test("the registry loads no other module, so that a stage's interface is read quickly", async () => {
  const registry = new URL("../../../lib/data/sets/registry.ts", import.meta.url).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", registry],
  }).output();
  const { modules }: { modules: Module[] } = JSON.parse(new TextDecoder().decode(stdout));
  const imports = modules.find(({ specifier }) => specifier === registry)!.dependencies!;
  assert.ok(imports.length > 0, "types are imported");
  assert.deepEqual(imports.filter(({ code }) => code !== undefined), []);
});

/** What `deno info` says of a module; `code` is missing where an import is of types only. */
interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly { readonly specifier: string; readonly code?: unknown }[];
}
