import assert from "node:assert/strict";
import { LiveDisplay } from "../../../lib/pipeline/display/live_display.ts";
import { TimeLeft } from "../../../lib/pipeline/display/time_left.ts";

const NAME = "train@labels=random,augmentation=cached,seed=0";

function start(instance: string) {
  return { event: "start", instance, key: "", reason: "", expectedSeconds: 10 } as const;
}

function progress(instance: string, fraction: number) {
  return { event: "job", instance, job: { type: "progress", fraction, text: "" } } as const;
}

function draw(columns: number, instances: readonly string[]): string[] {
  let text = "";
  const screen = {
    size: () => ({ columns, rows: 10 }),
    write: (part: string) => void (text += part),
  };
  const display = new LiveDisplay(20, screen, () => 0);
  for (const each of instances) display.update(start(each));
  const values = { loss: null, fit: 0.5 };
  display.update({ event: "job", instance: instances[0], job: { type: "live", values } });
  display.print("a line");
  display.close();
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/\x1b\[[0-9]*[A-Z]/g, "").split("\n").map((line) => line.trimEnd());
}

Deno.test("a value that is no number is left out, and the others are shown", () => {
  const lines = draw(120, [NAME]);
  assert.equal(lines[0], "a line");
  assert.match(lines[1], /10 s left {2}train@\S+ {2}fit 0\.500$/);
});

Deno.test("no line is as wide as the terminal, and a name keeps both its ends", () => {
  const [, line] = draw(60, [NAME]);
  assert.ok(line.length < 60, line);
  assert.match(line, /train@.*….*seed=0 +…?$/);
});

Deno.test("what does not fit below each other is counted", () => {
  const lines = draw(80, Array.from({ length: 20 }, (_, i) => `make@seed=${i}`));
  assert.ok(lines.length <= 10);
  assert.ok(lines.includes("and 14 more"));
});

Deno.test("the time that is left follows an instance's own progress from where it began", () => {
  let now = 0;
  const left = new TimeLeft(() => now);
  left.update({
    event: "plan",
    profile: null,
    slots: 2,
    expectedSeconds: { a: 10, b: 30, c: 30 },
  });
  left.update(start("a"));
  assert.equal(left.ofInstance("a"), 10);
  assert.equal(left.ofRun(), 35);
  left.update(progress("a", 0.5));
  now = 4000;
  left.update(progress("a", 0.6));
  assert.ok(Math.abs(left.ofInstance("a")! - 16) < 1e-9);
  left.update({
    event: "instance",
    instance: "a",
    outcome: "ran",
    reason: "",
    key: "",
    seconds: 9,
  });
  assert.equal(left.ofRun(), 30);
});

Deno.test("an instance that takes longer than expected and tells no progress has no estimate", () => {
  let now = 0;
  const left = new TimeLeft(() => now);
  left.update(start("a"));
  now = 11_000;
  assert.equal(left.ofInstance("a"), null);
});
