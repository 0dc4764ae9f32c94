/**
 * Uploads of known length in bounded memory. `fetch` sends a stream without its length, which
 * bazel-remote refuses, and holds anything else in memory: so this is `node:http`.
 *
 * @module
 */
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { Readable } from "node:stream";
import { messageOf } from "../../base/message_of.ts";
import { PipelineError } from "../base/errors.ts";
import { certificateAuthorities } from "./certificates.ts";
import type { RateTimer } from "./rate_timer.ts";

/**
 * Sends a `PUT` and returns the answer's status.
 *
 * @throws if the connection breaks; a {@link PipelineError} if the content cannot be read.
 */
export function put(
  url: string,
  bytes: number,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  headers: Readonly<Record<string, string>>,
  timer: RateTimer,
): Promise<number> {
  const isSecure = url.startsWith("https:");
  const request = isSecure ? requestHttps : requestHttp;
  const source = content instanceof Readable ? content : Readable.from(content);
  return new Promise<number>((resolve, reject) => {
    const sending = request(url, {
      method: "PUT",
      ...isSecure ? { ca: certificateAuthorities() } : {},
      headers: { ...headers, "content-length": bytes, "content-type": "application/octet-stream" },
    });
    const fail = (error: Error) => {
      source.destroy();
      sending.destroy();
      reject(error);
    };
    const abort = () => fail(timer.signal.reason);
    timer.signal.addEventListener("abort", abort, { once: true });
    sending.on("error", fail);
    sending.on("response", (response) => {
      const end = () => {
        timer.signal.removeEventListener("abort", abort);
        // A refusal may come before everything is sent.
        if (!sending.writableFinished) sending.destroy();
        source.destroy();
        resolve(response.statusCode ?? 0);
      };
      response.on("end", end);
      response.on("error", end);
      response.resume();
    });
    source.on("error", (cause) => {
      fail(new PipelineError(`Cannot read what is to be sent: ${messageOf(cause)}`, { cause }));
    });
    source.on("data", (part: Uint8Array) => timer.add(part.length));
    source.pipe(sending);
  });
}
