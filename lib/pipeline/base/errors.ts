/**
 * The errors that end a run, each with the exit status that tells programs why.
 *
 * @module
 */

/** Exit statuses of the command line. */
export const EXIT = { done: 0, stageFailed: 1, usage: 2, stale: 3, interrupted: 130 } as const;

/** An error that the user can fix: shown without a stack trace. */
export class PipelineError extends Error {
  override readonly name: string = "PipelineError";
  /** The process's exit status. */
  readonly status: number;

  constructor(message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.status = options.status ?? EXIT.usage;
  }
}

/** Something wrong in a configuration file, with its place. */
export interface Issue {
  readonly message: string;
  /** Name of the file as the user would write it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** The line of the source. */
  readonly source: string;
  /** How many characters the marker spans. */
  readonly length: number;
  readonly suggestion?: string;
}

/** Everything that is wrong in a configuration. */
export class ConfigurationError extends PipelineError {
  override readonly name = "ConfigurationError";
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    const sorted = inOrder(issues);
    super(sorted.map(formatIssue).join("\n\n"));
    this.issues = sorted;
  }
}

/** Issues file by file, in the order of their places. */
function inOrder(issues: readonly Issue[]): Issue[] {
  const files = [...new Set(issues.map(({ file }) => file))];
  return [...issues].sort((a, b) =>
    files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column
  );
}

/** What stands for a file in issues with `-S key=value`. */
export const OVERRIDE_FILE = "-S";

/** Place, message, source line, marker and suggestion. */
export function formatIssue(issue: Issue): string {
  if (issue.file === OVERRIDE_FILE) return formatOverrideIssue(issue);
  const gutter = `${issue.line} | `;
  const marker = " ".repeat(gutter.length + issue.column - 1) +
    "^".repeat(Math.max(1, issue.length));
  return [
    `${issue.file}:${issue.line}:${issue.column} ${issue.message}`,
    `${gutter}${issue.source}`,
    issue.suggestion ? `${marker} ${issue.suggestion}` : marker,
  ].join("\n");
}

/** An override is one line, so that it needs no line number. */
function formatOverrideIssue({ message, source, column, length, suggestion }: Issue): string {
  const shown = `${OVERRIDE_FILE} ${source}`;
  const marker = " ".repeat(OVERRIDE_FILE.length + column) + "^".repeat(Math.max(1, length));
  return [message, shown, suggestion ? `${marker} ${suggestion}` : marker].join("\n");
}
