import assert from "node:assert/strict";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Imports by importing file, types and late imports among them. Paths relative to the root. */
type Imports = ReadonlyMap<string, readonly string[]>;

/** Local imports of some files and of everything that they reach. */
async function importsFrom(files: readonly string[]): Promise<Imports> {
  const entry = Deno.makeTempFileSync({ suffix: ".ts" });
  try {
    const lines = files.map((file) =>
      `import ${JSON.stringify(new URL(`../${file}`, import.meta.url))};`
    );
    Deno.writeTextFileSync(entry, lines.join("\n"));
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", entry],
      cwd: ROOT,
    }).output();
    assert.ok(success, "deno info failed");
    return localImports(JSON.parse(new TextDecoder().decode(stdout)), entry);
  } finally {
    Deno.removeSync(entry);
  }
}

interface ModuleInfo {
  readonly specifier: string;
  readonly dependencies?: readonly Readonly<Record<string, { readonly specifier: string }>>[];
}

function localImports({ modules }: { modules: readonly ModuleInfo[] }, entry: string): Imports {
  const isLocal = (specifier: string | undefined) => specifier?.startsWith("file:") ?? false;
  const local = (specifier: string) => relative(ROOT, fileURLToPath(specifier));
  return new Map(
    modules.filter(({ specifier }) => isLocal(specifier) && fileURLToPath(specifier) !== entry)
      .map(({ specifier, dependencies = [] }) => [
        local(specifier),
        dependencies.flatMap((dependency) =>
          Object.values(dependency).map((target) => target.specifier).filter(isLocal).map(local)
        ),
      ]),
  );
}

/** The modules below a folder. */
function modulesBelow(folder: string): string[] {
  return [...Deno.readDirSync(`${ROOT}${folder}`)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? modulesBelow(path) : name.endsWith(".ts") ? [path] : [];
  });
}

/** `lib/nn/adam.ts` is in `lib/nn`, `stages/train.ts` in `stages`, `main.ts` in `main.ts`. */
function area(path: string): string {
  const parts = path.split("/");
  return parts[0] === "lib" ? parts.slice(0, 2).join("/") : parts[0];
}

const imports = await importsFrom(["main.ts", ...modulesBelow("stages"), ...modulesBelow("lib")]);

function edges(from: (path: string) => boolean): string[] {
  return [...imports].filter(([path]) => from(path)).flatMap(([path, targets]) =>
    targets.map((target) => `${path} -> ${target}`)
  );
}

Deno.test("the program has stages, an engine and numerics, all reachable", () => {
  const areas = new Set([...imports.keys()].map(area));
  for (const expected of ["main.ts", "stages", "lib/pipeline", "lib/arrow", "lib/nn"]) {
    assert.ok(areas.has(expected), expected);
  }
});

Deno.test("stages never import each other", () => {
  const found = edges((path) => path.startsWith("stages/"));
  assert.deepEqual(found.filter((edge) => edge.includes("-> stages/")), []);
});

Deno.test("the engine imports no other part of lib but lib/arrow and lib/base", () => {
  const found = edges((path) => area(path) === "lib/pipeline");
  const allowed = /-> lib\/(pipeline|arrow|base)\//;
  assert.ok(found.length > 0);
  assert.deepEqual(found.filter((edge) => !allowed.test(edge)), []);
});

Deno.test("nothing in lib imports a stage or the command line", () => {
  const found = edges((path) => path.startsWith("lib/"));
  assert.deepEqual(found.filter((edge) => /-> (stages\/|main\.ts)/.test(edge)), []);
});

/** The engine's rooms by floor. An import leads to a lower floor, or stays in its room. */
const FLOORS: Readonly<Record<string, number>> = {
  base: 1,
  stage: 2,
  config: 2,
  code: 2,
  store: 3,
  execute: 3,
  plan: 4,
  freshness: 5,
  slurm: 5,
  records: 6,
  shared_store: 6,
  display: 6,
  run: 7,
  ui: 7,
  cli: 8,
  "mod.ts": 9,
};

/** `lib/pipeline/plan/matrix.ts` is in `plan`. */
function room(path: string): string {
  return path.split("/")[2];
}

/** The engine's imports that do not lead down. */
function climbing(imports: Imports): string[] {
  return [...imports].filter(([path]) => area(path) === "lib/pipeline").flatMap(([path, targets]) =>
    targets.filter((target) =>
      area(target) === "lib/pipeline" && room(target) !== room(path) &&
      !(FLOORS[room(target)] < FLOORS[room(path)])
    ).map((target) => `${path} -> ${target}`)
  );
}

Deno.test("every file of the engine is in a room of a floor, but for its public face", () => {
  const rooms = new Set(
    [...imports.keys()].filter((path) => area(path) === "lib/pipeline").map(room),
  );
  assert.deepEqual([...rooms].sort(), Object.keys(FLOORS).sort());
});

Deno.test("the engine's imports lead down", () => {
  assert.deepEqual(climbing(imports), []);
});

Deno.test("an import of the engine that leads up is named, from an unknown room as well", () => {
  const [plan, store] = ["lib/pipeline/plan/plan.ts", "lib/pipeline/store/store.ts"];
  const unknown = "lib/pipeline/attic/box.ts";
  const broken = new Map([[plan, [store, unknown]], [store, [plan]], [unknown, [store]]]);
  assert.deepEqual(climbing(broken), [
    `${plan} -> ${unknown}`,
    `${store} -> ${plan}`,
    `${unknown} -> ${store}`,
  ]);
});

/** A circle of files, its first file also last; `null` if there is none. */
function findCircle(imports: Imports): string[] | null {
  const done = new Set<string>();
  const search = (path: string, way: readonly string[]): string[] | null => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return null;
    for (const target of imports.get(path) ?? []) {
      const circle = search(target, [...way, path]);
      if (circle) return circle;
    }
    done.add(path);
    return null;
  };
  for (const path of imports.keys()) {
    const circle = search(path, []);
    if (circle) return circle;
  }
  return null;
}

Deno.test("no files of lib import each other in a circle", () => {
  assert.equal(findCircle(imports)?.join(" -> "), undefined);
});

Deno.test("a circle of files is named", () => {
  const broken = new Map([["a", ["b"]], ["b", ["c", "d"]], ["c", []], ["d", ["b"]]]);
  assert.deepEqual(findCircle(broken), ["b", "d", "b"]);
});

/** Imports between groups of files, in place of those between files. */
function between(imports: Imports, groupOf: (path: string) => string): Imports {
  const groups = new Map<string, string[]>();
  for (const [path, targets] of imports) {
    const group = groupOf(path);
    const others = targets.map(groupOf).filter((other) => other !== group);
    groups.set(group, [...groups.get(group) ?? [], ...others]);
  }
  return groups;
}

Deno.test("the parts of lib do not depend on each other in a circle", () => {
  assert.equal(findCircle(between(imports, area))?.join(" -> "), undefined);
});

Deno.test("the rooms of lib do not depend on each other in a circle", () => {
  const folders = new Set([...imports.keys()].map(dirname));
  const hasRooms = (folder: string) => [...folders].some((other) => other.startsWith(`${folder}/`));
  /** A file beside rooms, such as a public face, stands for itself. */
  const room = (path: string) => hasRooms(dirname(path)) ? path : dirname(path);
  assert.equal(findCircle(between(imports, room))?.join(" -> "), undefined);
});

Deno.test("a circle of groups is found where no files form one", () => {
  const broken = new Map([["a/1", ["b/1"]], ["b/1", []], ["b/2", ["a/2"]], ["a/2", []]]);
  assert.equal(findCircle(broken), null);
  assert.deepEqual(findCircle(between(broken, dirname)), ["a", "b", "a"]);
});

/** The links in a module's comments to names that its code does not have. */
function danglingLinks(text: string): string[] {
  const code = text.replaceAll(/\/\*\*.*?\*\//gs, "");
  const names = new Set(code.match(/[\w$]+/g));
  const links = [...text.matchAll(/\{@link(?:code|plain)?\s+([\w$]+)/g)].map(([, name]) => name);
  return links.filter((name) => !names.has(name));
}

Deno.test("comments link to names that are there", () => {
  const files = ["main.ts", ...["lib", "stages", "tests", "bench"].flatMap(modulesBelow)];
  const found = files.flatMap((file) =>
    danglingLinks(Deno.readTextFileSync(`${ROOT}${file}`)).map((name) => `${file}: ${name}`)
  );
  assert.deepEqual(found, []);
});

Deno.test("a link to nothing is found, one to a name of the code is not", () => {
  const text = "/** As {@link there}, {@linkcode there.too} and {@link gone}. */\nconst there = 1;";
  assert.deepEqual(danglingLinks(text), ["gone"]);
});

/** The engine, the native library's installer and transfers over the network deal in real time. */
const MAY_READ_CLOCKS =
  /^(lib\/pipeline\/|lib\/tensorflow\/|lib\/data\/download\/transfer\.ts|main\.ts)/;

Deno.test("no random numbers and no clock outside named streams and the stage context", async () => {
  const offenders: string[] = [];
  for (const path of imports.keys()) {
    if (MAY_READ_CLOCKS.test(path)) continue;
    const text = await Deno.readTextFile(`${ROOT}${path}`);
    if (/Math\.random|Date\.now|new Date\(/.test(text)) offenders.push(path);
  }
  assert.deepEqual(offenders, []);
});
