/**
 * The server behind `ui`: on 127.0.0.1 only, and only for whoever opened the address with its token.
 *
 * @module
 */
import { extname, join, resolve, sep as SEPARATOR } from "node:path";
import { PipelineError } from "../base/errors.ts";
import { runIds } from "../records/run_log.ts";
import { runSnapshot } from "../records/snapshots.ts";
import { Store } from "../store/store.ts";
import { differences } from "../records/differences.ts";
import {
  isOwnHost,
  isOwnOrigin,
  isToken,
  makeToken,
  PAGE_HEADERS,
  REPORT_HEADERS,
  sessionCookie,
  sessionOf,
} from "./access.ts";
import { eventStream, parsePlace } from "./event_stream.ts";
import { History } from "./history.ts";
import { readLog } from "./log_text.ts";
import { overview, type Pipeline, problemOf } from "./overview.ts";

/** A server that runs. */
export interface UiServer {
  /** The address with its token, which leads to the page. */
  readonly url: string;
  readonly port: number;
  readonly finished: Promise<void>;
  close(): Promise<void>;
}

/** Files of the page by their name in the address. */
const PAGE_FILES: Readonly<Record<string, string>> = {
  "": "index.html",
  ...Object.fromEntries(
    ["style.css", "app.js", "model.js", "curves.js", "graph.js", "format.js"].map((
      name,
    ) => [name, name]),
  ),
};

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".csv": "text/csv; charset=utf-8",
  ".md": "text/plain; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
};

/**
 * Starts the server.
 *
 * @param port 0 for any that is free.
 * @throws {PipelineError} if the port is taken.
 */
export function startServer(pipeline: Pipeline, port: number): UiServer {
  const [entrance, session] = [makeToken(), makeToken()];
  const site = new Site(pipeline);
  let server: Deno.HttpServer<Deno.NetAddr>;
  const handle = async (request: Request): Promise<Response> => {
    const { headers, method } = request;
    const address = server.addr.port;
    if (!isOwnHost(headers.get("host"), address)) return refuse(421, "another host");
    if (method !== "GET") return refuse(405, "only GET");
    const path = new URL(request.url).pathname.slice(1);
    // A file of this machine may lead here, which counts as another site.
    if (isToken(path.split("/")[0], entrance)) return letIn(sessionCookie(address, session));
    const report = site.reportPath(path);
    if (report !== null) return site.report(report);
    if (!isOwnOrigin(headers)) return refuse(403, "another site");
    if (!isToken(sessionOf(headers, address), session)) {
      return refuse(404, "open the address that `ui` printed");
    }
    return await site.respond(request, path);
  };
  try {
    server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, handle);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse)) throw cause;
    throw new PipelineError(`Cannot serve the page as port ${port} is taken: choose another`, {
      cause,
    });
  }
  const address = server.addr.port;
  return {
    url: `http://127.0.0.1:${address}/${entrance}/`,
    port: address,
    finished: server.finished,
    close: () => server.shutdown(),
  };
}

/** Leads on by a page and not by a redirect: a browser sends no strict cookie after one from elsewhere. */
function letIn(cookie: string): Response {
  const body = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Pipeline</title>' +
    '<link rel="icon" href="data:,"><meta http-equiv="refresh" content="0; url=/"><p><a href="/">Open the page</a></p>';
  const headers = { ...PAGE_HEADERS, "content-type": TYPES[".html"], "set-cookie": cookie };
  return new Response(body, { headers });
}

function refuse(status: number, reason: string): Response {
  return new Response(`${reason}\n`, { status, headers: PAGE_HEADERS });
}

/** What the page can ask for. */
class Site {
  readonly #pipeline: Pipeline;
  readonly #store: Store;
  readonly #history: History;
  /** A report that is boxed in carries no cookie; its address opens reports and nothing else. */
  readonly #reports = `report/${makeToken()}/`;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
    this.#store = new Store(pipeline.project.artifacts);
    this.#history = new History(this.#store);
  }

  async respond(request: Request, path: string): Promise<Response> {
    const query = new URL(request.url).searchParams;
    if (Object.hasOwn(PAGE_FILES, path)) return pageFile(PAGE_FILES[path]);
    switch (path) {
      case "events":
        return this.#events(request, query.get("run"));
      case "overview":
        return await answer(async () => ({
          ...await overview(this.#pipeline),
          reports: this.#reports,
        }));
      case "runs":
        return await answer(() => this.#history.runs());
      case "log":
        return await answer(() =>
          readLog(this.#store, query.get("key") ?? "", this.#numberOf(query))
        );
      case "compare":
        return await answer(() => this.#compare(query.get("a") ?? "", query.get("b") ?? ""));
      default:
        return refuse(404, "not found");
    }
  }

  #numberOf(query: URLSearchParams): number {
    const from = Number(query.get("from") ?? 0);
    return Number.isSafeInteger(from) && from >= 0 ? from : 0;
  }

  #events(request: Request, run: string | null): Response {
    if (run !== null && !runIds(this.#store).includes(run)) return refuse(404, "no such run");
    const { profile } = this.#pipeline.project;
    const body = eventStream({
      store: this.#store,
      history: this.#history,
      current: () => run ?? this.#history.newest(profile),
      from: parsePlace(request.headers.get("last-event-id")),
    });
    return new Response(body, {
      headers: { ...PAGE_HEADERS, "content-type": "text/event-stream; charset=utf-8" },
    });
  }

  #compare(a: string, b: string) {
    const known = runIds(this.#store);
    for (const id of [a, b]) {
      if (!known.includes(id)) throw new PipelineError(`There is no run "${id}"`);
    }
    return differences(runSnapshot(a, this.#store), runSnapshot(b, this.#store));
  }

  /** The path of a file of the report in an address; `null` if that is of something else. */
  reportPath(path: string): string | null {
    const [folder, token, ...rest] = path.split("/");
    return isToken(`${folder}/${token ?? ""}/`, this.#reports) ? rest.join("/") : null;
  }

  /** A file below the reports' folder, wherever links lead. */
  report(path: string): Response {
    const folder = this.#pipeline.project.reports;
    try {
      const root = Deno.realPathSync(folder);
      const file = Deno.realPathSync(resolve(root, `./${decodeURIComponent(path)}`));
      if (!file.startsWith(root + SEPARATOR)) return refuse(404, "not found");
      const type = TYPES[extname(file)] ?? "application/octet-stream";
      return new Response(Deno.readFileSync(file), {
        headers: { ...REPORT_HEADERS, "content-type": type },
      });
    } catch {
      return refuse(404, "there is no such file in the reports' folder");
    }
  }
}

async function answer(make: () => unknown): Promise<Response> {
  try {
    return json(200, await make());
  } catch (error) {
    return json(422, { problem: problemOf(error) });
  }
}

function json(status: number, value: unknown): Response {
  const headers = { ...PAGE_HEADERS, "content-type": TYPES[".json"] };
  return new Response(JSON.stringify(value), { status, headers });
}

function pageFile(name: string): Response {
  const path = join(import.meta.dirname!, "page", name);
  const headers = { ...PAGE_HEADERS, "content-type": TYPES[extname(name)] };
  return new Response(Deno.readFileSync(path), { headers });
}
