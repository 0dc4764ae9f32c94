import assert from "node:assert/strict";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Local imports by importing file, of everything that a file can reach. Paths relative to the root. */
async function importsFrom(entry: string): Promise<Map<string, string[]>> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: ROOT,
  }).output();
  assert.ok(success, `deno info ${entry} failed`);
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { specifier: string; dependencies?: Record<string, { specifier: string }>[] }[];
  };
  const local = (specifier: string) => relative(ROOT, fileURLToPath(specifier));
  return new Map(
    modules.filter(({ specifier }) => specifier.startsWith("file:")).map((module) => [
      local(module.specifier),
      (module.dependencies ?? []).flatMap((dependency) => {
        const targets = Object.values(dependency).filter((value) => typeof value === "object");
        return targets.map(({ specifier }) => specifier)
          .filter((specifier) => specifier?.startsWith("file:")).map(local);
      }),
    ]),
  );
}

/** Local imports of every module of the program. */
async function allImports(): Promise<Map<string, string[]>> {
  const stages = [...Deno.readDirSync(`${ROOT}stages`)].map(({ name }) => `stages/${name}`);
  const maps = await Promise.all(["main.ts", ...stages].map(importsFrom));
  return new Map(maps.flatMap((map) => [...map]));
}

/** `lib/nn/adam.ts` is in `lib/nn`, `stages/train.ts` in `stages`, `main.ts` in `main.ts`. */
function area(path: string): string {
  const parts = path.split("/");
  return parts[0] === "lib" ? parts.slice(0, 2).join("/") : parts[0];
}

const imports = await allImports();

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

Deno.test("the parts of lib do not depend on each other in a circle", () => {
  const needs = new Map<string, Set<string>>();
  for (const [path, targets] of imports) {
    const from = area(path);
    const others = targets.map(area).filter((target) => target !== from);
    needs.set(from, new Set([...needs.get(from) ?? [], ...others]));
  }
  const reaches = (from: string, seen: Set<string>): Set<string> => {
    for (const target of needs.get(from) ?? []) {
      if (!seen.has(target)) reaches(target, seen.add(target));
    }
    return seen;
  };
  const circular = [...needs.keys()].filter((each) => reaches(each, new Set()).has(each));
  assert.deepEqual(circular, []);
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
