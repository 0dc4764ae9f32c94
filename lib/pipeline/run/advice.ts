/**
 * What to do about a stage that failed: from what Deno and the system say to the declaration that
 * is missing, or to what the machine lacks.
 *
 * @module
 */

interface Rule {
  readonly pattern: RegExp;
  readonly advice: (match: RegExpExecArray) => string;
}

const RULES: readonly Rule[] = [
  {
    pattern: /Requires read access to (.+?), run again/,
    advice: ([, path]) =>
      `it may read nothing but its inputs and its code: declare an input for ${path}, ` +
      "or mark the param that names it as a location (`.meta(LOCATION)`)",
  },
  {
    pattern: /NotFound: .*'(?:.*\/)?stages\/[0-9a-f]{64}\/(.+?)'/,
    advice: ([, path]) =>
      `it runs from a copy of its code, which holds no ${path}: name a file beside the code by a ` +
      'literal, `new URL("./file", import.meta.url)`, or mark the param that names it as a ' +
      "location (`.meta(LOCATION)`)",
  },
  {
    pattern: /Requires write access to (.+?), run again/,
    advice: ([, path]) =>
      `it may write nothing but its outputs: declare an output in place of ${path}`,
  },
  {
    pattern: /remote specifier was requested: (.+?), but --no-remote/,
    advice: ([, address]) =>
      `it may not reach the network: declare \`network: true\` to let it import ${address}`,
  },
  {
    pattern: /Requires net access to (.+?), run again/,
    advice: ([, host]) =>
      `it may not reach the network: declare \`network: true\` to let it reach ${host}`,
  },
  {
    pattern: /Requires (\w+) access(?: to (.+?))?, run again/,
    advice: ([, what]) =>
      `it may not use ${what}: declare in \`requires\` a requirement that grants --allow-${what}`,
  },
  {
    pattern: /os error 28\b|No space left/,
    advice: () => "the disk is full: free some space (the verb `gc` removes what no run refers to)",
  },
  {
    pattern: /JavaScript (?:heap )?out of memory|Allocation failed|Array buffer allocation failed/,
    advice: () => "it ran out of memory: make its params smaller, or give it a larger machine",
  },
  {
    pattern: /\(SIGKILL\)/,
    advice: () =>
      "if the system ran out of memory, declare `resources: { memory: GiB }`, so that fewer run in parallel",
  },
];

/** A failure's message with what to do about it, first where something is known. */
export function withAdvice(message: string): string {
  for (const { pattern, advice } of RULES) {
    const match = pattern.exec(message);
    if (match) return `${advice(match)}\n${message}`;
  }
  return message;
}
