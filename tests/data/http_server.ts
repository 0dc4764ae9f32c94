/**
 * A file server on loopback that can misbehave in the ways that real ones do.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the server was asked. */
export interface SeenRequest {
  readonly url: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

/** How the next request is answered; without one, faults included, it is answered well. */
export interface Fault {
  /** Answer with this status and headers instead of the file. */
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Close the connection after this many bytes of the body. */
  readonly cutAfter?: number;
  /** Send the body in pieces of this size, with a pause of `pauseMs` before each. */
  readonly pieceBytes?: number;
  readonly pauseMs?: number;
  /** Send nothing more after this many bytes, and keep the connection. */
  readonly stallAfter?: number;
}

/** A running server and what it serves; all of it can be changed between requests. */
export interface FileServer {
  readonly url: string;
  readonly requests: SeenRequest[];
  readonly faults: Fault[];
  file: Uint8Array;
  /** Undefined: the server states no validator. */
  etag: string | undefined;
  acceptRanges: boolean;
  /** Whether `If-Range` is heeded. */
  heedIfRange: boolean;
  /** Content encoding that the server claims; some do so for any `.gz`. */
  contentEncoding: string | undefined;
  /** Whether the length of the body is announced. */
  announceLength: boolean;
}

/** Serves `file` at every path while `use` runs. */
export async function withServer<T>(
  file: Uint8Array,
  use: (server: FileServer) => Promise<T>,
): Promise<T> {
  const server = createServer((request, response) => answer(state, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const state: FileServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/data/file.tar.gz`,
    requests: [],
    faults: [],
    file,
    etag: '"1"',
    acceptRanges: true,
    heedIfRange: true,
    contentEncoding: undefined,
    announceLength: true,
  };
  try {
    return await use(state);
  } finally {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

function answer(state: FileServer, request: IncomingMessage, response: ServerResponse): void {
  const { range, "if-range": ifRange } = request.headers;
  state.requests.push({
    url: request.url ?? "",
    range,
    ifRange: Array.isArray(ifRange) ? ifRange.join() : ifRange,
  });
  const fault = state.faults.shift() ?? {};
  if (fault.status !== undefined) {
    response.writeHead(fault.status, fault.headers).end("no file here");
    return;
  }
  sendFile(state, fault, response, firstByte(state, range, ifRange));
}

/** First byte that is asked for, or 0 where the range is not to be heeded. */
function firstByte(state: FileServer, range: unknown, ifRange: unknown): number {
  const match = /^bytes=(\d+)-$/.exec(String(range));
  const unchanged = !state.heedIfRange || ifRange === state.etag;
  return state.acceptRanges && unchanged && match !== null ? Number(match[1]) : 0;
}

function sendFile(state: FileServer, fault: Fault, response: ServerResponse, start: number): void {
  const total = state.file.length;
  if (state.etag !== undefined) response.setHeader("etag", state.etag);
  if (state.contentEncoding !== undefined) {
    response.setHeader("content-encoding", state.contentEncoding);
  }
  if (start > 0 && start >= total) {
    response.writeHead(416, { "content-range": `bytes */${total}` }).end();
    return;
  }
  if (start > 0) response.setHeader("content-range", `bytes ${start}-${total - 1}/${total}`);
  if (state.announceLength) response.setHeader("content-length", total - start);
  response.writeHead(start > 0 ? 206 : 200);
  if (fault.pieceBytes !== undefined) {
    sendPieces(state.file.subarray(start), fault.pieceBytes, fault.pauseMs ?? 0, response);
    return;
  }
  const end = start + (fault.cutAfter ?? fault.stallAfter ?? total);
  response.write(state.file.subarray(start, end), () => {
    if (fault.cutAfter !== undefined) response.destroy();
    else if (fault.stallAfter === undefined) response.end();
  });
}

function sendPieces(
  body: Uint8Array,
  pieceBytes: number,
  pauseMs: number,
  response: ServerResponse,
): void {
  if (body.length === 0) {
    response.end();
    return;
  }
  setTimeout(() => {
    response.write(body.subarray(0, pieceBytes));
    sendPieces(body.subarray(pieceBytes), pieceBytes, pauseMs, response);
  }, pauseMs);
}
