import assert from "node:assert/strict";
import { parsePolicy, type Policy } from "../../../lib/augment/policy/policy.ts";
import { policyParam, transformPolicyParam } from "../../../lib/augment/policy/policy_param.ts";

const composed = (
  minCropScale: number | null,
  flip: boolean,
  jitter: boolean,
  gray: boolean,
): Policy => ({ kind: "composed", minCropScale, flip, jitter, gray });

const readings: [text: string, policy: Policy][] = [
  ["none", composed(null, false, false, false)],
  ["full", composed(0.08, true, true, true)],
  ["full(0.35)", composed(0.35, true, true, true)],
  ["full(0.08)", composed(0.08, true, true, true)],
  ["crop+flip+jitter+gray", composed(0.08, true, true, true)],
  ["crop", composed(0.08, false, false, false)],
  ["flip", composed(null, true, false, false)],
  ["jitter", composed(null, false, true, false)],
  ["gray", composed(null, false, false, true)],
  [" flip + crop( 0.5 ) ", composed(0.5, true, false, false)],
  ["gray+jitter", composed(null, false, true, true)],
  ["randaugment(0.4)", { kind: "randaugment", strength: 0.4 }],
  ["randaugment(0)", { kind: "randaugment", strength: 0 }],
  ["iid", { kind: "iid" }],
];

for (const [text, policy] of readings) {
  Deno.test(`the policy '${text}' is read`, () => {
    assert.deepEqual(parsePolicy(text), policy);
  });
}

const faults: [text: string, message: RegExp][] = [
  ["", /it must be names joined by '\+': current value is ''/],
  ["crop,flip", /it must be names joined by '\+': current value is 'crop,flip'/],
  ["blur", /it must be made of parts that exist: current value is 'blur'/],
  ["flip(0.5)", /it must be made of parts that exist/],
  ["full+flip", /it must be made of parts that exist/],
  ["none+flip", /it must be made of parts that exist/],
  ["iid(3)", /it must be made of parts that exist/],
  ["flip+crop+flip", /no part may stand twice/],
  ["crop(0)", /a crop's least area must be above 0 and at most 1/],
  ["full(1.5)", /a crop's least area must be above 0 and at most 1/],
  ["crop(-1)", /it must be names joined by/],
  ["randaugment", /randaugment needs a strength from 0 to 1/],
  ["randaugment(1.1)", /randaugment needs a strength from 0 to 1/],
];

for (const [text, message] of faults) {
  Deno.test(`the policy '${text}' is refused with its reason and what to write`, () => {
    assert.throws(() => parsePolicy(text), (error: Error) => {
      assert.ok(error instanceof SyntaxError);
      assert.match(error.message, message);
      assert.match(error.message, /Use none, full, /);
      return true;
    });
  });
}

Deno.test("as a param, a text that is no policy is told with what policies there are", () => {
  for (const param of [policyParam, transformPolicyParam]) {
    assert.equal(param.safeParse("full(0.2)").success, true);
    const { error } = param.safeParse("ful");
    assert.match(error!.issues[0].message, /current value is 'ful'. Use none, full/);
  }
});

Deno.test("a policy that transforms no image serves only where views are chosen", () => {
  assert.equal(policyParam.safeParse("iid").success, true);
  const { error } = transformPolicyParam.safeParse("iid");
  assert.match(
    error!.issues[0].message,
    /it must transform the image itself: current value is 'iid'/,
  );
});
