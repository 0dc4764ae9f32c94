import { policyParam, transformPolicyParam } from "../../lib/augment/policy/policy_param.ts";

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
