/**
 * Reads claims.yaml; what is wrong is named with its line.
 *
 * @module
 */
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { type Claim, claimsSchema } from "./claim.ts";

/**
 * Parses and checks claims.
 *
 * @param text The file's content.
 * @param path Its name, for messages.
 * @throws {Error} listing every problem as `path:line:column: message`.
 */
export function parseClaims(text: string, path: string): Claim[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    const messages = document.errors.map((error) =>
      `${at(error.pos[0])}: ${error.message.split("\n")[0]}`
    );
    throw new Error(messages.join("\n"), { cause: document.errors[0] });
  }
  const result = claimsSchema.safeParse(document.toJS());
  if (result.success) return result.data.claims;
  const messages = result.error.issues.map((issue) =>
    `${at(offsetOf(document, issue))}: ${issue.path.join(".")}: ${issue.message}`
  );
  throw new Error(messages.join("\n"), { cause: result.error });
}

/** Where the innermost node stands that an issue's path leads to. */
function offsetOf(document: Document, issue: z.core.$ZodIssue): number {
  const path = issue.path as (string | number)[];
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
