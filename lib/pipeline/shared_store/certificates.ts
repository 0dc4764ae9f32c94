/**
 * The certificate authorities of uploads: `node:https` does not read Deno's own variable.
 *
 * @module
 */
import { rootCertificates } from "node:tls";
import { PipelineError } from "../base/errors.ts";
import { messageOf } from "../../base/message_of.ts";

const VARIABLE = "DENO_CERT";

/** The usual authorities and the user's own; `undefined` where the user names none. */
export function certificateAuthorities(): string[] | undefined {
  const path = Deno.env.get(VARIABLE);
  if (!path) return undefined;
  try {
    return [...rootCertificates, Deno.readTextFileSync(path)];
  } catch (cause) {
    throw new PipelineError(
      `Cannot send to a shared store as ${VARIABLE} must name a PEM file: ${messageOf(cause)}`,
      { cause },
    );
  }
}
