import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = join(ROOT, "docs/write-a-stage.md");
const SECTION = "## 8. An engine for another project";
/** Where the page supposes this repository. */
const PLACE = ".../benign-memorization/";

/** The files that the page's section shows, by path. */
function shownFiles(): Map<string, string> {
  const section = Deno.readTextFileSync(PAGE).split(SECTION)[1];
  const blocks = section.matchAll(/^`([\w./]+)`:\n\n```\w+\n(.*?)^```/gms);
  return new Map([...blocks].map(([, path, text]) => [path, text.replaceAll(PLACE, ROOT)]));
}

/** The engine's packages that the page's section lists. */
function listedPackages(): string[] {
  const section = Deno.readTextFileSync(PAGE).split(SECTION)[1];
  const [, list] = /entries for\s(.*?)\samong them/s.exec(section)!;
  return [...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name).sort();
}

/** A folder that holds nothing but the page's files. */
function emptyFolder(files: ReadonlyMap<string, string>): string {
  const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "new-project-" }));
  for (const [path, text] of files) {
    Deno.mkdirSync(dirname(join(folder, path)), { recursive: true });
    Deno.writeTextFileSync(join(folder, path), text);
  }
  return folder;
}

async function run(folder: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "pipeline"],
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.ok(success, error);
  return out + error;
}

Deno.test("a project of one's own runs with what the page shows, from an empty folder", async () => {
  const files = shownFiles();
  assert.deepEqual([...files.keys()], [
    "deno.json",
    "main.ts",
    "pipeline.yaml",
    "stages/square.ts",
  ]);
  const folder = emptyFolder(files);
  try {
    assert.match(await run(folder), /3 ran, 0 restored, 0 fresh/);
    assert.match(await run(folder), /everything is fresh: 3 instances/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("the page lists every package that the engine imports", async () => {
  const { imports } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "lib/pipeline/mod.ts"],
    cwd: ROOT,
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { dependencies?: { specifier: string }[] }[];
  };
  const names = modules.flatMap(({ dependencies = [] }) =>
    dependencies.flatMap(({ specifier }) =>
      Object.keys(imports).filter((name) =>
        specifier === name || (name.endsWith("/") && specifier.startsWith(name))
      )
    )
  );
  assert.deepEqual(listedPackages(), [...new Set(names)].sort());
});
