/**
 * Who may read the page: whoever has once opened the address that `ui` printed, which holds a random
 * token, and asks for it by a name of this machine. A web page elsewhere has neither, not even by
 * rebinding a name to 127.0.0.1. From then on a cookie takes the token's place, which no script
 * reads and no other site's request carries, so that the page's own address tells nothing.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";

const TOKEN_BYTES = 24;

/** A token that cannot be guessed, for an address. */
export function makeToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Compares a token in a time that does not tell how much of it is right. */
export function isToken(given: string, token: string): boolean {
  const [a, b] = [given, token].map((text) => new TextEncoder().encode(text));
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Cookies do not tell ports apart, so that two servers need two names. */
function cookieName(port: number): string {
  return `pipeline-${port}`;
}

/** The header that gives a browser its session. */
export function sessionCookie(port: number, session: string): string {
  return `${cookieName(port)}=${session}; Path=/; HttpOnly; SameSite=Strict`;
}

/** The session that a request carries; empty if it carries none. */
export function sessionOf(headers: Headers, port: number): string {
  const pairs = (headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  const start = `${cookieName(port)}=`;
  return pairs.find((pair) => pair.startsWith(start))?.slice(start.length) ?? "";
}

/** Whether a request's Host header names this machine and the port. */
export function isOwnHost(host: string | null, port: number): boolean {
  return host === `127.0.0.1:${port}` || host === `localhost:${port}`;
}

/** Whether a request comes from the page itself or from the address bar. */
export function isOwnOrigin(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site");
  return site === null || site === "none" || site === "same-origin";
}

const SHARED_HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
} as const;

/** Headers of the page and its data: nothing but what this server sends is loaded or run. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...SHARED_HEADERS,
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
};

/**
 * Headers of a report, which stages made: its scripts run, but reach neither server nor network.
 * What it can do is to lead the browser elsewhere, with its own address: that holds a token for
 * reports alone.
 */
export const REPORT_HEADERS: Readonly<Record<string, string>> = {
  ...SHARED_HEADERS,
  "content-security-policy": [
    "sandbox allow-scripts allow-downloads",
    "default-src 'none'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join("; "),
};
