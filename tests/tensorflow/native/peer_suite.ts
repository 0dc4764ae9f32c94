/**
 * The test-suite that TensorFlow.js publishes with its core, run on the native backend.
 *
 * The suite is written for Jasmine and bundled here, as its modules import each other without
 * extensions; `sideEffects: false` in its package would drop nearly all of it, so annotations are
 * ignored.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import jasmineCore from "jasmine-core";

/** What came of the specs. */
export interface SuiteResult {
  readonly passed: number;
  /** Names of the failed specs with their first message. */
  readonly failed: ReadonlyMap<string, string>;
}

const CORE = dirname(import.meta.resolve("@tensorflow/tfjs-core"));
const NODE = dirname(
  import.meta.resolve("@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js"),
);

function dirname(url: string): string {
  return fileURLToPath(new URL(".", url)).replace(/\/$/, "");
}

/** Runs the suite on the current backend "tensorflow". */
export async function runPeerSuite(): Promise<SuiteResult> {
  const jasmine = jasmineCore.boot(jasmineCore);
  loadSuite(await bundleSuite(), jasmine);
  const ignored = await specsThatThePackageSkips();
  const environment = jasmine.getEnv();
  environment.configure({
    random: false,
    specFilter: (spec: { getFullName(): string }) =>
      !ignored.some((part) => spec.getFullName().includes(part)),
  });
  let passed = 0;
  const failed = new Map<string, string>();
  environment.clearReporters();
  environment.addReporter({
    specDone(result: SpecResult) {
      if (result.status === "passed") passed++;
      if (result.status !== "failed") return;
      failed.set(result.fullName, result.failedExpectations[0]?.message ?? "");
    },
  });
  await environment.execute();
  return { passed, failed };
}

interface SpecResult {
  readonly status: string;
  readonly fullName: string;
  readonly failedExpectations: readonly { readonly message: string }[];
}

/** Left to `require` at run time: the suite's Jasmine is ours, and packages have no common folder. */
const EXTERNAL = ["jasmine-core", "worker_threads", "seedrandom", "long", "node-fetch"];

/** The suite as one CommonJS module that registers its specs for the backend. */
async function bundleSuite(): Promise<string> {
  const environment = {
    name: "test-tensorflow",
    backendName: "tensorflow",
    flags: {},
    isDataSync: true,
  };
  const entry = `
    require("${CORE}/public/chained_ops/register_all_chained_ops");
    require("${CORE}/register_all_gradients");
    const util = require("${CORE}/jasmine_util");
    util.setTestEnvs([${JSON.stringify(environment)}]);
    require("${CORE}/tests");`;
  const { outputFiles } = await esbuild.build({
    stdin: { contents: entry, resolveDir: CORE },
    bundle: true,
    write: false,
    ignoreAnnotations: true,
    format: "cjs",
    platform: "node",
    logLevel: "error",
    external: EXTERNAL,
  });
  await esbuild.stop();
  return outputFiles[0].text;
}

function loadSuite(code: string, jasmine: unknown): void {
  const require = createRequire(`${CORE}/tf-core.node.js`);
  const requireJasmine = Object.assign(
    (id: string) => id.startsWith("jasmine-core") ? { core: () => jasmine } : require(id),
    { resolve: (id: string) => id },
  );
  Object.assign(globalThis, { jasmine, require: requireJasmine });
  const load = new Function("require", "module", "exports", "process", "Buffer", code);
  load(requireJasmine, { exports: {} }, {}, process, Buffer);
}

/** Parts of the names of specs that tfjs-node itself skips, from its own runner. */
async function specsThatThePackageSkips(): Promise<string[]> {
  const runner = await Deno.readTextFile(`${NODE}/run_tests.js`);
  const list = /IGNORE_LIST = (\[[\s\S]*?\]);/.exec(runner);
  if (list === null) throw new Error("Cannot find the list of skipped specs in tfjs-node");
  return new Function(`return ${list[1]}`)();
}
