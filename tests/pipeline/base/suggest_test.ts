import assert from "node:assert/strict";
import { nearest, suggestion } from "../../../lib/pipeline/base/suggest.ts";

const STAGES = ["download", "train", "probe"];

Deno.test("a missing, extra, wrong or swapped letter is a slip, in either case", () => {
  for (const slip of ["trai", "traain", "troin", "tarin", "TRAIN"]) {
    assert.equal(nearest(slip, STAGES), "train", slip);
  }
});

Deno.test("what is further away is no slip, so all that there is is named", () => {
  assert.equal(nearest("tornado", STAGES), undefined);
  assert.equal(suggestion("tornado", STAGES), "there is download, train, probe");
  assert.equal(suggestion("tornado", []), "there is none");
});

Deno.test("the nearest of several is suggested", () => {
  assert.equal(suggestion("prob", ["pro", "probes", "probe_all"]), 'did you mean "pro"?');
});

Deno.test("names of one letter and numbers have no slips", () => {
  assert.equal(nearest("a", ["b", "ab"]), undefined);
  assert.equal(nearest("128", ["129", "12"]), undefined);
});
