/**
 * A server of the HTTP cache protocol for tests, in memory, that can be told to misbehave.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";

/** What a server does in place of serving a request; `null` serves it. */
export type Fault = (
  request: { readonly method: string; readonly path: string; readonly count: number },
) => Response | null | Promise<Response | null>;

/** A server on a loopback port. */
export class CacheServer {
  /** Contents by path, e.g. `/cas/<digest>`. */
  readonly contents = new Map<string, Uint8Array<ArrayBuffer>>();
  /** Requests that came, as `METHOD /folder/` and the path. */
  readonly requests: { method: string; path: string; headers: Headers }[] = [];
  fault: Fault = () => null;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {}, onError: () => new Response(null) },
      (request) => this.#answer(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** How many requests of a kind came, e.g. `count("PUT", "/cas/")`. */
  count(method: string, prefix: string): number {
    return this.requests.filter((each) => each.method === method && each.path.startsWith(prefix))
      .length;
  }

  async #answer(request: Request): Promise<Response> {
    const { method, headers } = request;
    const path = new URL(request.url).pathname;
    this.requests.push({ method, path, headers });
    const count = this.requests.filter((each) => each.method === method && each.path === path)
      .length;
    const fault = await this.fault({ method, path, count });
    if (fault) return fault;
    if (method === "PUT") {
      if (!headers.has("content-length")) return new Response(null, { status: 411 });
      this.contents.set(path, new Uint8Array(await request.arrayBuffer()));
      return new Response(null, { status: 201 });
    }
    const content = this.contents.get(path);
    if (!content) return new Response("none", { status: 404 });
    if (method === "HEAD") {
      return new Response(null, { headers: { "content-length": String(content.length) } });
    }
    return ranged(content, headers.get("range"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function ranged(content: Uint8Array<ArrayBuffer>, range: string | null): Response {
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  if (start === 0) return new Response(content);
  if (start >= content.length) return new Response(null, { status: 416 });
  return new Response(content.subarray(start), {
    status: 206,
    headers: { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` },
  });
}

/** An answer that promises all of a content and breaks off after some bytes. */
export function cut(content: Uint8Array<ArrayBuffer>, after: number): Response {
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(content.subarray(0, after));
      await delay(20);
      controller.error(new Error("cut"));
    },
  });
  return new Response(body);
}

/** An answer that begins and then stands still until the client hangs up. */
export function stall(content: Uint8Array<ArrayBuffer>): Response {
  return new Response(
    new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(content.subarray(0, 1));
      },
    }),
  );
}

/** An answer of which a byte comes now and then. */
export function drip(content: Uint8Array<ArrayBuffer>): Response {
  let at = 0;
  return new Response(
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        await delay(20);
        controller.enqueue(content.subarray(at, ++at));
      },
    }),
  );
}
