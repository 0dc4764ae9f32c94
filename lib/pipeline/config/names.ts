/**
 * Names that users choose. They stand in targets, messages, tables and paths, so that they may hold
 * nothing that means something there.
 *
 * @module
 */
import type { Place, Problems } from "./located.ts";

const RULES = {
  stage: {
    pattern: /^[A-Za-z][\w-]*$/,
    rule: "a stage's name is letters, digits, - and _, a letter first",
  },
  axis: {
    pattern: /^[A-Za-z_][\w-]*$/,
    rule: "an axis' name is letters, digits, - and _, no digit first",
  },
  param: { pattern: /^\w+$/, rule: "a param's name is letters, digits and _" },
} as const;

/** Checks the name of a stage, an axis or a top-level param. What is wrong goes to `problems`. */
export function checkName(
  kind: keyof typeof RULES,
  name: string,
  place: Place,
  problems: Problems,
): void {
  const { pattern, rule } = RULES[kind];
  if (!pattern.test(name)) problems.add(place, rule);
}

/** Checks the text that stands for an axis value. What is wrong goes to `problems`. */
export function checkAxisValue(text: string, place: Place, problems: Problems): void {
  const remedy = "give it a name: { name: { param: value } }";
  if (text === "" || /[,@=/\\\s\p{C}]/u.test(text)) {
    problems.add(
      place,
      "an axis value may not be empty, nor hold white space or any of , @ = / \\",
      remedy,
    );
  } else if (text === "." || text === "..") {
    problems.add(place, `an axis value may not be "${text}"`, remedy);
  }
}
