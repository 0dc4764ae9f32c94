/**
 * Policies as params of a stage: a text that is no policy is an error of the configuration, at its
 * line.
 *
 * @module
 */
import { messageOf } from "../../base/message_of.ts";
import { z } from "zod";
import { parsePolicy, parseTransformPolicy } from "./policy.ts";

/** Any policy. */
export const policyParam = /* @__PURE__ */ readableBy(parsePolicy);

/** A policy that transforms an image: not `iid`. */
export const transformPolicyParam = /* @__PURE__ */ readableBy(parseTransformPolicy);

function readableBy(parse: (text: string) => unknown): z.ZodString {
  return z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: messageOf(error) });
    }
  });
}
