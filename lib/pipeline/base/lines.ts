/**
 * Lines of a byte stream.
 *
 * @module
 */

/** A longer line is cut: a stage may print anything, and the engine's memory is bounded. */
const MAX_LINE_LENGTH = 16 * 1024 * 1024;

/** The lines of a stream of UTF-8, without their ends; the last one also if no end follows it. */
export async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const [first, ...others] = chunk.split("\n");
    parts.push(first);
    length += first.length;
    for (const line of others) {
      yield parts.join("");
      parts = [line];
      length = line.length;
    }
    if (length > MAX_LINE_LENGTH) {
      yield parts.join("");
      parts = [];
      length = 0;
    }
  }
  if (length > 0) yield parts.join("");
}
