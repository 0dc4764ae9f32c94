import assert from "node:assert/strict";
import { stop as stopEsbuild } from "esbuild";
import { dirname, join, relative } from "node:path";
import type { CodeBundle } from "../../../lib/pipeline/code/code_bundle.ts";
import { codeOf } from "./code_of.ts";

Deno.test.afterAll(() => stopEsbuild());

/** The engine's own packages, which every stage's process loads. */
const ENGINE_IMPORTS = {
  "zod": "npm:zod@4.6.7",
  "apache-arrow": "npm:apache-arrow@21.2.0",
  "apache-arrow/": "npm:/apache-arrow@21.2.0/",
  "flatbuffers": "npm:flatbuffers@25.9.23",
};

/** A project whose stage prints what a helper exports. */
interface Kind {
  readonly name: string;
  /** Files by path; objects are JSON. */
  readonly files: Readonly<Record<string, unknown>>;
  /** @default "stages/s.ts" */
  readonly stage?: string;
  /** The pipeline's folder. @default "." */
  readonly folder?: string;
  /** The helper, with its text after the edit. */
  readonly edit: readonly [path: string, text: string | Uint8Array];
}

const HELPER = "export const value: number = 1;\n";
const EDITED = "export const value: number = 2;\n";

function config(content: object = {}): object {
  const { imports, ...rest } = content as { imports?: object };
  return { imports: { ...ENGINE_IMPORTS, ...imports }, ...rest };
}

function prints(specifier: string): string {
  return `import { value } from ${JSON.stringify(specifier)};\nconsole.log(value);\n`;
}

const KINDS: readonly Kind[] = [
  {
    name: "scopes of the import map",
    files: {
      "deno.json": config({ scopes: { "./stages/": { "helper": "./a.ts" } } }),
      "a.ts": HELPER,
      "stages/s.ts": prints("helper"),
    },
    edit: ["a.ts", EDITED],
  },
  {
    name: "an import map in a file of its own",
    files: {
      "deno.json": { importMap: "./maps/map.json" },
      "maps/map.json": { imports: { ...ENGINE_IMPORTS, "helper": "../a.ts" } },
      "a.ts": HELPER,
      "stages/s.ts": prints("helper"),
    },
    edit: ["a.ts", EDITED],
  },
  {
    name: "a member of the workspace by its name",
    files: {
      "deno.json": config({ workspace: ["./packages/helper"] }),
      "packages/helper/deno.json": { name: "@own/helper", version: "1.0.0", exports: "./mod.ts" },
      "packages/helper/mod.ts": HELPER,
      "stages/s.ts": prints("@own/helper"),
    },
    edit: ["packages/helper/mod.ts", EDITED],
  },
  {
    name: "a pipeline in a member of a workspace",
    folder: "packages/science",
    stage: "packages/science/s.ts",
    files: {
      "deno.json": config({ workspace: ["./packages/*"] }),
      "packages/science/deno.json": { imports: { "helper": "./a.ts" } },
      "packages/science/a.ts": HELPER,
      "packages/science/s.ts": prints("helper"),
    },
    edit: ["packages/science/a.ts", EDITED],
  },
  {
    name: "`imports` of package.json",
    files: {
      "deno.json": config({ nodeModulesDir: "none" }),
      "package.json": { imports: { "#helper": "./a.ts" } },
      "a.ts": HELPER,
      "stages/s.ts": prints("#helper"),
    },
    edit: ["a.ts", EDITED],
  },
  {
    name: "an import for its effect where package.json says that there is none",
    files: {
      "deno.json": config({ nodeModulesDir: "none" }),
      "package.json": { sideEffects: false },
      "a.ts": "console.log(1);\n",
      "stages/s.ts": 'import "../a.ts";\n',
    },
    edit: ["a.ts", "console.log(2);\n"],
  },
  ...["mts", "mjs", "js", "tsx", "jsx"].map((end): Kind => ({
    name: `a stage and a helper that end in .${end}`,
    stage: `stages/s.${end}`,
    files: {
      "deno.json": config(),
      [`a.${end}`]: "export const value = 1;\n",
      [`stages/s.${end}`]: prints(`../a.${end}`),
    },
    edit: [`a.${end}`, "export const value = 2;\n"],
  })),
  {
    name: "CommonJS",
    files: {
      "deno.json": config(),
      "b.cjs": "exports.value = 1;\n",
      "a.cjs": 'exports.value = require("./b.cjs").value;\n',
      "stages/s.ts": prints("../a.cjs"),
    },
    edit: ["b.cjs", "exports.value = 2;\n"],
  },
  {
    name: "JSON",
    files: {
      "deno.json": config(),
      "a.json": { value: 1 },
      "stages/s.ts":
        'import { default as data } from "../a.json" with { type: "json" };\nconsole.log(data);\n',
    },
    edit: ["a.json", '{ "value": 2 }\n'],
  },
  {
    name: "text and bytes",
    files: {
      "deno.json": config({ unstable: ["raw-imports"] }),
      "a.txt": "1",
      "a.bin": new Uint8Array([0x80, 1]),
      "stages/s.ts": 'import text from "../a.txt" with { type: "text" };\n' +
        'import bytes from "../a.bin" with { type: "bytes" };\nconsole.log(text, bytes);\n',
    },
    edit: ["a.bin", new Uint8Array([0x95, 1])],
  },
  {
    name: "a module of WebAssembly",
    files: {
      "deno.json": config(),
      "a.wasm": wasmOf(1),
      "stages/s.ts": 'import { value } from "../a.wasm";\nconsole.log(value());\n',
    },
    edit: ["a.wasm", wasmOf(2)],
  },
  {
    name: "a data: address",
    files: {
      "deno.json": config(),
      "stages/s.ts": prints("data:application/typescript,export const value: number = 1;"),
    },
    edit: ["stages/s.ts", prints("data:application/typescript,export const value: number = 2;")],
  },
  {
    name: "an import that only runs when it is reached",
    files: {
      "deno.json": config(),
      "a.ts": HELPER,
      "stages/s.ts": 'const { value } = await import("../a.ts");\nconsole.log(value);\n',
    },
    edit: ["a.ts", EDITED],
  },
];

/** A module that exports a function `value`, which returns a small number. */
function wasmOf(value: number): Uint8Array {
  const name = [..."value"].map((letter) => letter.charCodeAt(0));
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 7, 9, 1, 5],
    ...name,
    ...[0, 0, 10, 6, 1, 4, 0, 0x41, value, 0x0b],
  ]);
}

for (const kind of KINDS) {
  Deno.test(`what Deno loads is in the key and is executed: ${kind.name}`, async () => {
    using project = new Project(kind.files);
    const { folder = ".", stage = "stages/s.ts", edit: [path, text] } = kind;
    const code = () => codeOf(project.path(folder), relative(folder, stage));
    const before = await code();
    assert.deepEqual(project.localSources(before), await project.loaded(stage));
    assert.equal(await project.execute(before), await project.deno(["run", "-A", stage]));
    project.write(path, text);
    const after = await code();
    assert.notEqual(after.key, before.key);
    assert.equal(await project.execute(after), await project.deno(["run", "-A", stage]));
    assert.notEqual(await project.execute(after), await project.execute(before));
  });
}

Deno.test("a remote module is executed as it was read, without the network", async () => {
  let text = "export const value: number = 1;\n";
  const headers = { "content-type": "application/typescript" };
  const server = Deno.serve({ port: 0, onListen() {} }, () => new Response(text, { headers }));
  const address = `http://localhost:${(server.addr as Deno.NetAddr).port}/a.ts`;
  using project = new Project({ "deno.json": config(), "stages/s.ts": prints(address) });
  const before = await codeOf(project.folder, "stages/s.ts");
  text = "export const value: number = 2;\n";
  await project.deno(["cache", "--allow-import", `--reload=${address}`, "--no-lock", address]);
  Deno.removeSync(project.path("deno.lock"));
  const after = await codeOf(project.folder, "stages/s.ts");
  await server.shutdown();
  assert.notEqual(after.key, before.key);
  assert.equal(await project.execute(before), "1\n");
  assert.equal(await project.execute(after), "2\n");
});

Deno.test("a package that another program installed is refused, as nothing pins it", async () => {
  using project = new Project({
    "package.json": { dependencies: { tiny: "1.0.0", ...enginePackages() } },
    "node_modules/tiny/package.json": { name: "tiny", version: "1.0.0", main: "main.js" },
    "node_modules/tiny/main.js": "exports.value = 1;\n",
    "stages/s.ts": prints("tiny"),
  });
  await assert.rejects(
    codeOf(project.folder, "stages/s.ts"),
    /stages\/s\.ts:1:\d+ Could not resolve "tiny": its package lies in node_modules/,
  );
});

function enginePackages(): object {
  return { zod: "4.6.7", "apache-arrow": "21.2.0", "flatbuffers": "25.9.23" };
}

/** Files in a temporary folder. */
class Project {
  readonly folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "project-" }));

  constructor(files: Readonly<Record<string, unknown>>) {
    for (const [path, content] of Object.entries(files)) {
      const isJson = typeof content !== "string" && !(content instanceof Uint8Array);
      this.write(path, isJson ? JSON.stringify(content) : content);
    }
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  write(path: string, content: string | Uint8Array): void {
    Deno.mkdirSync(dirname(this.path(path)), { recursive: true });
    if (typeof content === "string") Deno.writeTextFileSync(this.path(path), content);
    else Deno.writeFileSync(this.path(path), content);
  }

  /** The project's files that a bundle was made of. */
  localSources({ sources }: CodeBundle): string[] {
    return Object.keys(sources).filter((path) => path.startsWith(`${this.folder}/`)).sort();
  }

  /** The project's files that Deno loads for a module, as it says itself. */
  async loaded(module: string): Promise<string[]> {
    const { modules } = JSON.parse(await this.deno(["info", "--json", module])) as {
      modules: { local?: string }[];
    };
    return modules.flatMap(({ local }) => local?.startsWith(`${this.folder}/`) ? [local] : [])
      .sort();
  }

  /** What a bundle prints, without any file of the project. */
  async execute({ key, files }: CodeBundle): Promise<string> {
    const folder = this.path("bundles", key);
    for (const [path, content] of files) this.write(join("bundles", key, path), content);
    return await this.deno([
      ...["run", "--config", join(folder, "deno.json"), "--frozen", "--no-remote"],
      ...[`--allow-read=${folder}`, join(folder, "entry.js")],
    ]);
  }

  async deno(args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [args[0], "--quiet", ...args.slice(1)],
      cwd: this.folder,
      env: { NO_COLOR: "1" },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.ok(success, `deno ${args.join(" ")}: ${text(stderr)}`);
    return text(stdout);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}
