/**
 * Edits of a program's text that keep its lines, and its source map.
 *
 * @module
 */
import { decode, encode, type SourceMapMappings } from "@jridgewell/sourcemap-codec";

/** A range of a text, with what takes its place; neither holds a line break. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A source map, as far as it is used here. */
export interface SourceMap {
  readonly version: 3;
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

/** A text with its source map. */
export interface MappedText {
  readonly text: string;
  readonly map: SourceMap;
}

/** Applies edits to a text and moves its source map along. */
export function applyEdits({ text, map }: MappedText, edits: readonly Edit[]): MappedText {
  const sorted = [...edits].sort((a, b) => a.start - b.start);
  const mappings = moveColumns(decode(map.mappings), text, sorted);
  return { text: edited(text, sorted), map: { ...map, mappings: encode(mappings) } };
}

/** A text as its own source, mapped token by token. @param source Its address. */
export function unedited(text: string, source: string): MappedText {
  const mappings: SourceMapMappings = text.split("\n").map((line, row) =>
    [...line.matchAll(/[\w$]+|[^\w$\s]/g)].map(({ index }) => [index, 0, row, index])
  );
  return { text, map: { version: 3, sources: [source], names: [], mappings: encode(mappings) } };
}

function edited(text: string, edits: readonly Edit[]): string {
  let at = 0;
  let result = "";
  for (const edit of edits) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

function moveColumns(
  mappings: SourceMapMappings,
  text: string,
  edits: readonly Edit[],
): SourceMapMappings {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    lineStarts.push(at + 1);
  }
  let next = 0;
  return mappings.map((segments, row) => {
    const start = lineStarts[row];
    const end = lineStarts[row + 1] ?? Infinity;
    const first = next;
    while (next < edits.length && edits[next].start < end) next++;
    if (first === next) return segments;
    return moveLine(segments, start, edits.slice(first, next));
  });
}

function moveLine(
  segments: SourceMapMappings[number],
  start: number,
  edits: readonly Edit[],
): SourceMapMappings[number] {
  let next = 0;
  let shift = 0;
  return segments.map((segment) => {
    while (next < edits.length && edits[next].start - start < segment[0]) {
      shift += edits[next].text.length - (edits[next].end - edits[next].start);
      next++;
    }
    const [column, ...rest] = segment;
    return [column + shift, ...rest] as typeof segment;
  });
}
