import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { pathConflict, pathFault, pathName } from "../../../lib/pipeline/base/relative_path.ts";

/** Numbers in [0, 1) from a seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Pieces that names are drawn from: harmless ones, and those that mean something somewhere. */
const PIECES = [
  ..."aBz09 @=,+-_.()/",
  ...'\\:*?"<>|~\0\n\x7f\u200c\u202e\u2028\ud800é🙂',
  "..",
  "./",
  "../",
  "//",
  ".git",
  "GIT~1",
  "con",
  "NUL",
  "x".repeat(90),
  "é".repeat(60),
];

function drawnPath(random: () => number): string {
  const length = 1 + Math.floor(random() * 6);
  return Array.from({ length }, () => PIECES[Math.floor(random() * PIECES.length)]).join("");
}

Deno.test("a path that passes can be written below its folder, and nowhere else", () => {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  const random = numbers(11);
  let passed = 0;
  try {
    for (let i = 0; i < 20_000; i++) {
      const path = drawnPath(random);
      if (pathFault(path) !== null) continue;
      passed += 1;
      const target = join(folder, path);
      assert.ok(target === `${folder}/${path}` && resolve(target).startsWith(`${folder}/`), path);
      for (const name of path.split("/")) assert.doesNotMatch(name, /^\.|^$|[\\:\p{Cc}]|~\d/u);
      Deno.mkdirSync(target, { recursive: true });
      assert.equal(Deno.realPathSync(target), target);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
  assert.ok(passed > 500, `${passed} passed`);
});

Deno.test("a path that leads out, hides, configures a tool or means another file is refused", () => {
  const cases: [string, RegExp][] = [
    ["", /is absolute or has an empty name/],
    ["/etc/passwd", /is absolute/],
    ["a//b", /empty name/],
    ["a/", /empty name/],
    [".", /starts with a dot/],
    ["..", /starts with a dot/],
    ["a/../../b", /starts with a dot/],
    [".git/config", /its name "\.git" starts with a dot/],
    ["a/.gitattributes", /starts with a dot/],
    ["C:/x", /holds ":"/],
    ["a\\..\\b", /holds "\\"/],
    ["a\0b", /holds U\+0000/],
    ["a\nb", /holds U\+000A/],
    ["page\u202elmth.exe", /holds U\+202E/],
    [".g\u200cit/config", /starts with a dot/],
    ["a\ud800", /holds U\+D800/],
    ["git~1/config", /may be another file's on Windows/],
    ["nul", /is a device's on Windows/],
    ["a/Com1.txt", /is a device's on Windows/],
    ["index.html.", /ends with one or a dot/],
    ["index.html ", /ends with one or a dot/],
    ["x".repeat(300), /is longer than 240 bytes/],
    ["é".repeat(130), /is longer than 240 bytes/],
    ["x/".repeat(20) + "x", /has more than 16 levels/],
    [`${"x".repeat(200)}/`.repeat(4) + "x", /is longer than 700 bytes/],
  ];
  for (const [path, expected] of cases) assert.match(pathFault(path) ?? "", expected, path);
});

Deno.test("paths that people use pass", () => {
  const paths = [
    "index.html",
    "data/train@labels=random,augmentation=cached,seed=0.history.arrow",
    "figures/figure 3 (left).svg",
    "Übersicht.txt",
    "a.b.c/d-e_f+g",
  ];
  for (const path of paths) assert.equal(pathFault(path), null, path);
});

Deno.test("paths that cannot lie side by side on every file system are found", () => {
  assert.deepEqual(pathConflict(["a", "b/c", "b/d"]), null);
  assert.deepEqual(pathConflict(["README.md", "x", "readme.md"]), ["README.md", "readme.md"]);
  assert.deepEqual(pathConflict(["e\u0301", "\u00e9"]), ["e\u0301", "\u00e9"]);
  assert.deepEqual(pathConflict(["a", "a/b"]), ["a", "a/b"]);
  assert.deepEqual(pathConflict(["a/b/c", "A/B"]), ["a/b/c", "A/B"]);
  assert.deepEqual(pathConflict(["a", "a"]), ["a", "a"]);
});

Deno.test("an instance's name is its path's, and a long or odd one gets a digest", () => {
  assert.equal(pathName("train@labels=random,seed=0"), "train@labels=random,seed=0");
  const long = `train@labels=${"x".repeat(300)},seed=`;
  assert.match(pathName(`${long}0`), /^train@labels=x{27}-[0-9a-f]{16}$/);
  const odd = ["a/../../x", "..", ".git", "a\0b", "", "con", `${long}0`, `${long}1`, "a\u202eb"];
  // What looks like a name with a digest gets one of its own.
  const names = [...odd, pathName(`${long}0`)].map(pathName);
  for (const name of names) {
    assert.equal(pathFault(`${name}.output_of_some_length.arrow`), null, name);
    assert.ok(!name.includes("/"));
  }
  assert.equal(new Set(names).size, odd.length + 1);
});
