import assert from "node:assert/strict";
import { join } from "node:path";
import { openProject } from "../../../lib/pipeline/config/project.ts";
import { startServer, type UiServer } from "../../../lib/pipeline/ui/server.ts";
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

async function withServer(use: (server: UiServer, rig: Rig) => Promise<void>): Promise<void> {
  using rig = new Rig();
  const file = rig.path("pipeline.yaml");
  const reopen = () => openProject({ file });
  rig.write("reports/index.html", "<p>the report</p>");
  rig.write("secret.txt", "secret");
  Deno.symlinkSync(rig.path("secret.txt"), rig.path("reports/link.txt"));
  rig.write(`artifacts/runs/${ID}/events.jsonl`, PLAN + START);
  const server = startServer({ project: reopen(), reopen, reservedNames: [] }, 0);
  try {
    await use(server, rig);
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
  url: string,
  isLast: (text: string) => boolean,
  headers: Record<string, string> = {},
): Promise<string[]> {
  const response = await fetch(url, { headers });
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

Deno.test("only whoever has the token is answered", () =>
  withServer(async ({ url, port }) => {
    const page = await fetch(url);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<title>/);
    assert.match(page.headers.get("content-security-policy")!, /default-src 'none'/);
    const token = new URL(url).pathname.slice(1, -1);
    assert.equal(token.length, 32);
    for (
      const path of ["", "overview", `${token.slice(0, -1)}x/runs`, `${token}x/runs`, "x/runs"]
    ) {
      const { status, body } = await fetch(`http://127.0.0.1:${port}/${path}`);
      await body?.cancel();
      assert.equal(status, 404, path);
    }
  }));

Deno.test("a request under another host's name, or from another site, is refused", () =>
  withServer(async ({ url, port }) => {
    const path = `${new URL(url).pathname}runs`;
    const own = `Host: 127.0.0.1:${port}`;
    assert.match(await raw(port, path, [own]), /^HTTP\/1.1 200/);
    assert.match(await raw(port, path, [`Host: rebound.example:${port}`]), /^HTTP\/1.1 421/);
    assert.match(await raw(port, path, [own, "Sec-Fetch-Site: cross-site"]), /^HTTP\/1.1 403/);
  }));

Deno.test("of the reports' folder only what lies in it is served, and boxed in", () =>
  withServer(async ({ url, port }) => {
    const report = await fetch(`${url}report/index.html`);
    assert.equal(await report.text(), "<p>the report</p>");
    assert.match(report.headers.get("content-security-policy")!, /^sandbox allow-scripts/);
    const base = `${new URL(url).pathname}report/`;
    for (
      const path of ["../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "link.txt", "%00"]
    ) {
      const answer = await raw(port, base + path, [`Host: 127.0.0.1:${port}`]);
      assert.match(answer, /^HTTP\/1.1 4\d\d/, path);
      assert.doesNotMatch(answer, /\r\n\r\n[^]*secret$/, path);
    }
  }));

Deno.test("events resume where the browser lost them, and half a line waits for its rest", () =>
  withServer(async ({ url }, rig) => {
    const [run, plan, start, end] = await readEvents(
      `${url}events`,
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
      `${url}events`,
      (text) => text.includes("event: end"),
      headers,
    );
    assert.match(resumed[0], /"resumes":true/);
    assert.match(resumed[1], /"text":"a note"/);
    assert.equal(resumed.filter((each) => each.startsWith("event: line")).length, 1);
  }));

Deno.test("a run counts as going on while its engine holds its record", () =>
  withServer(async ({ url }, rig) => {
    const status = async () => (await (await fetch(`${url}runs`)).json())[0].status;
    const file = Deno.openSync(join(rig.folder, "artifacts/runs", ID, "events.jsonl"), {
      append: true,
    });
    file.lockSync(true);
    assert.equal(await status(), "running");
    file.close();
    assert.equal(await status(), "interrupted");
  }));

Deno.test("a log is read by a stage key alone", () =>
  withServer(async ({ url }, rig) => {
    const key = "a".repeat(64);
    rig.write(`artifacts/logs/${key}.log`, "one\ntwo\n");
    const part = await (await fetch(`${url}log?key=${key}&from=4`)).json();
    assert.deepEqual(part, { text: "two\n", from: 4, end: 8 });
    const refused = await fetch(`${url}log?key=../../secret`);
    assert.equal(refused.status, 422);
    await refused.body?.cancel();
  }));
