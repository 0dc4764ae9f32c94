/**
 * Axis values as targets and needs write them.
 *
 * @module
 */

/** `a=1,b=2` as a map. */
export function parsePins(text: string): Map<string, string> {
  return new Map(
    text.split(",").filter((part) => part !== "").map((part) => {
      const [axis, value = ""] = part.split("=", 2);
      return [axis.trim(), value.trim()];
    }),
  );
}
