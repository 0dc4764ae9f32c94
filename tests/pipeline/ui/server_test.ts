import assert from "node:assert/strict";
import { join } from "node:path";
import { statIfThere } from "../../../lib/pipeline/base/files.ts";
import { openProject } from "../../../lib/pipeline/config/project.ts";
import { startServer, type UiServer } from "../../../lib/pipeline/ui/server.ts";
import { endOf, until } from "../processes.ts";
import { Rig } from "../rig.ts";

const ID = "20260101T000000000Z-1";
const time = "2026-01-01T00:00:00.000Z";
const PLAN = line({ event: "plan", profile: null, slots: 2, expectedSeconds: { make: 1 } });
const START = line({
  event: "start",
  instance: "make",
  key: "0",
  reason: "why",
  expectedSeconds: 1,
});
const NOTE = line({ event: "note", text: "a note" });

function line(event: Record<string, unknown>): string {
  return `${JSON.stringify({ time, ...event })}\n`;
}

/** A server as someone sees it who has opened its address. */
interface Visit {
  readonly server: UiServer;
  /** Of the page, e.g. `http://127.0.0.1:1234/`. */
  readonly origin: string;
  /** The `Cookie` header of the session. */
  readonly cookie: string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
}

async function visit(server: UiServer): Promise<Visit> {
  const answer = await fetch(server.url);
  await answer.body?.cancel();
  const cookie = answer.headers.get("set-cookie")!.split(";")[0];
  const origin = new URL("/", server.url).href;
  const get = (path: string, headers = {}) =>
    fetch(origin + path, { headers: { cookie, ...headers } });
  return { server, origin, cookie, get };
}

async function withServer(use: (visit: Visit, rig: Rig) => Promise<void>): Promise<void> {
  using rig = new Rig();
  const file = rig.path("pipeline.yaml");
  const reopen = () => openProject({ file });
  rig.write("reports/index.html", "<p>the report</p>");
  rig.write("reports/summary.json", '{"a":1}');
  rig.write("secret.txt", "secret");
  Deno.symlinkSync(rig.path("secret.txt"), rig.path("reports/link.txt"));
  rig.write(`artifacts/runs/${ID}/events.jsonl`, PLAN + START);
  const server = startServer({ project: reopen(), reopen, reservedNames: [] }, 0);
  try {
    await use(await visit(server), rig);
  } finally {
    await server.close();
  }
}

/** Sends a request as it is: `fetch` would tidy the path and set the host. */
async function raw(port: number, path: string, headers: string[] = []): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const lines = [`GET ${path} HTTP/1.1`, "Connection: close", ...headers, "", ""];
  await connection.write(new TextEncoder().encode(lines.join("\r\n")));
  return await new Response(connection.readable).text().catch(() => "");
}

/** Reads server-sent events until one satisfies, then goes away. */
async function readEvents(
  { get }: Visit,
  isLast: (text: string) => boolean,
  headers: Record<string, string> = {},
): Promise<string[]> {
  const response = await get("events", headers);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!isLast(text)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
  }
  await reader.cancel();
  return text.split("\n\n").filter((each) => /^(event|id)/.test(each));
}

Deno.test("the address with the token leads to the page, whose own address tells nothing", () =>
  withServer(async ({ server, origin, get }) => {
    const door = await fetch(server.url);
    assert.match(await door.text(), /<meta http-equiv="refresh" content="0; url=\/">/);
    assert.match(door.headers.get("set-cookie")!, /; Path=\/; HttpOnly; SameSite=Strict$/);
    const page = await get("");
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<title>/);
    for (const { headers } of [door, page]) {
      assert.match(headers.get("content-security-policy")!, /default-src 'none'/);
      assert.equal(headers.get("referrer-policy"), "no-referrer");
    }
    assert.equal(origin, `http://127.0.0.1:${server.port}/`);
  }));

Deno.test("without the session's cookie nothing is answered, nor with a token that is nearly right", () =>
  withServer(async ({ server, origin, cookie }) => {
    const token = new URL(server.url).pathname.slice(1, -1);
    assert.equal(token.length, 32);
    assert.ok(!cookie.includes(token), "who sees a cookie does not know the address");
    const status = async (path: string, headers = {}) => {
      const { status, body } = await fetch(origin + path, { headers });
      await body?.cancel();
      return status;
    };
    for (
      const path of ["", "overview", "runs", "style.css", `${token.slice(0, -1)}x/`, `${token}x/`]
    ) assert.equal(await status(path), 404, path);
    for (
      const wrong of [cookie.slice(0, -1), `${cookie}x`, `x${cookie}`, cookie.replace("=", "")]
    ) {
      assert.equal(await status("runs", { cookie: wrong }), 404, wrong);
    }
    assert.equal(await status("runs", { cookie: `other=1; ${cookie}` }), 200);
  }));

Deno.test("a request under another host's name, or from another site, is refused", () =>
  withServer(async ({ server: { port, url }, cookie }) => {
    const own = `Host: 127.0.0.1:${port}`;
    const session = `Cookie: ${cookie}`;
    const foreign = "Sec-Fetch-Site: cross-site";
    assert.match(await raw(port, "/runs", [own, session]), /^HTTP\/1.1 200/);
    assert.match(await raw(port, "/runs", [`Host: rebound.example:${port}`, session]), / 421/);
    assert.match(await raw(port, "/runs", [own, session, foreign]), /^HTTP\/1.1 403/);
    // A file of this machine leads to the door, which counts as another site.
    assert.match(await raw(port, new URL(url).pathname, [own, foreign]), /^HTTP\/1.1 200/);
  }));

Deno.test("of the reports' folder only what lies in it is served, and boxed in", () =>
  withServer(async ({ server: { port }, origin, get }) => {
    const { reports } = await (await get("overview")).json();
    // A report that is boxed in has no cookie, and what it links to counts as another site's.
    const headers = { "sec-fetch-site": "cross-site" };
    const report = await fetch(`${origin}${reports}index.html`, { headers });
    assert.equal(await report.text(), "<p>the report</p>");
    assert.match(report.headers.get("content-security-policy")!, /^sandbox allow-scripts/);
    assert.equal(report.headers.get("referrer-policy"), "no-referrer");
    const summary = await fetch(`${origin}${reports}summary.json`, { headers });
    assert.deepEqual(await summary.json(), { a: 1 });
    for (
      const path of ["../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "link.txt", "%00"]
    ) {
      const answer = await raw(port, `/${reports}${path}`, [`Host: 127.0.0.1:${port}`]);
      assert.match(answer, /^HTTP\/1.1 4\d\d/, path);
      assert.doesNotMatch(answer, /\r\n\r\n[^]*secret$/, path);
    }
  }));

Deno.test("the address of a report, which it could tell, opens the report and nothing else", () =>
  withServer(async ({ server, origin, cookie, get }) => {
    const { reports } = await (await get("overview")).json();
    const [, token] = reports.split("/");
    for (const secret of [new URL(server.url).pathname.slice(1, -1), cookie.split("=")[1]]) {
      assert.notEqual(token, secret);
    }
    const name = cookie.split("=")[0];
    for (const path of [`${token}/`, "runs", `${token}/runs`, `report/${token}x/index.html`]) {
      const answer = await fetch(origin + path, { headers: { cookie: `${name}=${token}` } });
      await answer.body?.cancel();
      assert.equal(answer.status, 404, path);
    }
  }));

Deno.test("events resume where the browser lost them, and half a line waits for its rest", () =>
  withServer(async (visit, rig) => {
    const [run, plan, start, end] = await readEvents(
      visit,
      (text) => text.includes("event: end") && text.endsWith("\n\n"),
    );
    assert.match(run, /"status":"interrupted"/);
    assert.match(plan, new RegExp(`id: ${ID}/${PLAN.length}\n`));
    assert.match(start, /"reason":"why"/);
    assert.match(end, /"status":"interrupted"/);

    const path = rig.path("artifacts/runs", ID, "events.jsonl");
    Deno.writeTextFileSync(path, `not JSON\n${NOTE}${NOTE.slice(0, 9)}`, { append: true });
    const headers = { "last-event-id": `${ID}/${PLAN.length + START.length}` };
    const resumed = await readEvents(
      visit,
      (text) => text.includes("event: end"),
      headers,
    );
    assert.match(resumed[0], /"resumes":true/);
    assert.match(resumed[1], /"text":"a note"/);
    assert.equal(resumed.filter((each) => each.startsWith("event: line")).length, 1);
  }));

Deno.test("a run counts as going on while its engine holds its record", () =>
  withServer(async ({ get }, rig) => {
    const status = async () => (await (await get("runs")).json())[0].status;
    const file = Deno.openSync(join(rig.folder, "artifacts/runs", ID, "events.jsonl"), {
      append: true,
    });
    file.lockSync(true);
    assert.equal(await status(), "running");
    file.close();
    assert.equal(await status(), "interrupted");
  }));

Deno.test("a log is read by a stage key alone", () =>
  withServer(async ({ get }, rig) => {
    const key = "a".repeat(64);
    rig.write(`artifacts/logs/${key}.log`, "one\ntwo\n");
    const part = await (await get(`log?key=${key}&from=4`)).json();
    assert.deepEqual(part, { text: "two\n", from: 4, end: 8 });
    const refused = await get("log?key=../../secret");
    assert.equal(refused.status, 422);
    await refused.body?.cancel();
  }));

Deno.test("of a log of any size only the end is read", () =>
  withServer(async ({ get }, rig) => {
    const key = "a".repeat(64);
    rig.write(`artifacts/logs/${key}.log`, "");
    const path = rig.path(`artifacts/logs/${key}.log`);
    Deno.truncateSync(path, 2 ** 40);
    Deno.writeTextFileSync(path, "\nthe end\n", { append: true });
    const part = await (await get(`log?key=${key}`)).json();
    assert.match(part.text, /\nthe end\n$/);
    assert.equal(part.end, 2 ** 40 + 9);
    assert.ok(part.text.length <= 2 ** 18);
  }));

Deno.test({
  name: "`ui --open` shows the token to no other user: it opens a file that leads to the page",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using rig = new Rig();
    const [bin, told] = [rig.path("bin"), rig.path("told")];
    rig.write(
      "bin/xdg-open",
      `#!/bin/sh\nprintf %s "$*" > '${told}.part'; mv '${told}.part' '${told}'\n`,
    );
    Deno.chmodSync(join(bin, "xdg-open"), 0o755);
    const env = { PATH: `${bin}:${Deno.env.get("PATH")}` };
    await using engine = rig.spawn(["ui", "--open"], { env });
    await until("the browser is started", () => statIfThere(told) !== null);
    const path = Deno.readTextFileSync(told);
    assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
    const [url] = /http:[^"]+/.exec(Deno.readTextFileSync(path))!;
    assert.ok(!path.includes(new URL(url).pathname.slice(1, -1)), path);
    const door = await fetch(url);
    assert.equal(door.status, 200);
    await door.body?.cancel();
    const ended = endOf(engine);
    engine.kill("SIGINT");
    assert.equal((await ended).code, 0);
    assert.equal(statIfThere(path), null, "it is removed at the end");
  },
});
