import assert from "node:assert/strict";
import { PipelineError } from "../../../lib/pipeline/base/errors.ts";
import { sharedStoreSettings } from "../../../lib/pipeline/shared_store/settings.ts";

const ADDRESS = { address: "http://host" };

function withToken(token: string) {
  return sharedStoreSettings(
    ADDRESS,
    (name) => name === "PIPELINE_STORE_TOKEN" ? token : undefined,
  );
}

Deno.test("a token is sent as it is", () => {
  assert.equal(withToken("abc.DEF-123_~+/=")?.authorization, "Bearer abc.DEF-123_~+/=");
});

Deno.test("a token that no header can hold is refused by name, and not shown", () => {
  for (const token of ["secret\n", "sec\r\nx: ret", " secret", "secr\u00e9t", "sec\0ret"]) {
    assert.throws(() => withToken(token), (error) => {
      assert.ok(error instanceof PipelineError);
      assert.match(error.message, /PIPELINE_STORE_TOKEN must be visible ASCII characters/);
      assert.doesNotMatch(error.message, /sec/);
      assert.equal(error.cause, undefined);
      return true;
    });
  }
});
