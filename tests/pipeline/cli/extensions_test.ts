import assert from "node:assert/strict";
import {
  defineVerb,
  engineFlags,
  type Extensions,
  type FlagSet,
  type VerbContext,
} from "../../../lib/pipeline/mod.ts";
import { Rig } from "../rig.ts";

const GREET_FLAGS = {
  ...engineFlags("json"),
  loud: { type: "boolean", help: "In capitals" },
  times: { type: "string", value: "N", help: "How often" },
} as const satisfies FlagSet;

/** A verb with flags of its own, which prints what it is given. */
const greet = defineVerb({
  summary: "Greets",
  words: "[NAME...]",
  flags: GREET_FLAGS,
  examples: ["greet you"],
  load: () => Promise.resolve(sayHello),
});

function sayHello({ words, flags, verbNames }: VerbContext<typeof GREET_FLAGS>): Promise<number> {
  const text = Array(Number(flags.times ?? 1)).fill(`hello ${words.join(" ")}`).join(", ");
  console.log(flags.loud ? text.toUpperCase() : text, verbNames.includes("greet"));
  return Promise.resolve(0);
}

const extensions: Extensions = {
  verbs: { greet },
  command: "my-program",
  examples: { run: ["make@seed=7"] },
};

Deno.test("a program's verb receives its own flags, wherever they stand", async () => {
  using rig = await Rig.built();
  const { status, stdout } = await rig.run(["--loud", "greet", "you", "--times=2"], extensions);
  assert.equal(stdout, "HELLO YOU, HELLO YOU true\n");
  assert.equal(status, 0);
});

Deno.test("no other verb takes a verb's own flags", async () => {
  using rig = await Rig.built();
  const { status, stderr } = await rig.run(["status", "--loud"], extensions);
  assert.match(stderr, /^"status" takes no --loud: it takes --help/);
  assert.equal(status, 2);
  const without = await rig.run(["--loud"]);
  assert.match(without.stderr, /^There is no flag --loud/);
});

Deno.test("help names the program, its verbs, and its own examples", async () => {
  using rig = await Rig.built();
  const { stdout } = await rig.run(["--help"], extensions);
  assert.match(stdout, /^Usage: my-program \[VERB\]/);
  assert.match(stdout, /\n {2}greet +Greets\n/);
  const own = await rig.run(["greet", "--help"], extensions);
  assert.match(own.stdout, /--times N +How often/);
  assert.match(own.stdout, /Examples:\n {2}my-program greet you\n$/);
  const run = await rig.run(["run", "--help"], extensions);
  assert.match(run.stdout, /Examples:\n {2}my-program make@seed=7\n$/);
});

Deno.test("verbs that declare a flag differently cannot stand beside each other", async () => {
  using rig = await Rig.built();
  const other = defineVerb({
    summary: "",
    words: "",
    flags: { json: { type: "string", help: "Not as the engine has it" } },
    examples: [],
    load: () => Promise.resolve(() => Promise.resolve(0)),
  });
  await assert.rejects(
    rig.run([], { verbs: { other } }),
    /Cannot take --json of verb "other" as another verb declares it as a boolean/,
  );
});

Deno.test("the engine's texts name no command of this repository", () => {
  const root = new URL("../../../lib/pipeline/", import.meta.url);
  const visit = (folder: URL): string[] =>
    [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
      const path = new URL(isDirectory ? `${name}/` : name, folder);
      if (isDirectory) return visit(path);
      return /deno task pipeline/.test(Deno.readTextFileSync(path)) ? [path.href] : [];
    });
  assert.deepEqual(visit(root), []);
});
