import assert from "node:assert/strict";
import type { StageKey } from "../../../lib/pipeline/freshness/key.ts";
import type { PlannedStage } from "../../../lib/pipeline/plan/plan.ts";
import { Sharing } from "../../../lib/pipeline/shared_store/sharing.ts";
import type { Manifest } from "../../../lib/pipeline/store/manifest.ts";
import { Store } from "../../../lib/pipeline/store/store.ts";
import { CacheServer } from "./cache_server.ts";

const KEY = { key: "a".repeat(64) } as StageKey;
const STAGE = { outputs: {} } as PlannedStage;
const MANIFEST = { ...KEY, outputs: {} } as unknown as Manifest;

/** A run's use of a server, with what it says. */
function share(server: CacheServer) {
  const folder = Deno.makeTempDirSync();
  const said: string[] = [];
  const settings = { address: server.url, authorization: null, reads: true, writes: true };
  const sharing = new Sharing(
    settings,
    new Store(folder),
    (event) => void (event.event === "note" && said.push(event.text)),
    new AbortController().signal,
    { timeoutMs: 2000, retryMs: [] },
  );
  const warnings = () => said.filter((text) => text.startsWith("warning"));
  return {
    sharing,
    warnings,
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

Deno.test("whatever makes uploads fail, results are still asked for", async () => {
  for (const status of [403, 503]) {
    await using server = new CacheServer();
    server.fault = ({ method }) => method === "PUT" ? new Response(null, { status }) : null;
    using run = share(server);
    run.sharing.offer(MANIFEST);
    run.sharing.offer(MANIFEST);
    await run.sharing.settled();
    assert.equal(await run.sharing.restore(KEY, STAGE), null);
    assert.equal(server.count("GET", "/ac/"), 1);
    assert.equal(run.warnings().length, 1);
    assert.match(run.warnings()[0], /takes no results, as it answers/);
    run.sharing.offer(MANIFEST);
    const before = server.count("PUT", "/");
    await run.sharing.settled();
    assert.equal(server.count("PUT", "/"), before, "nothing more is sent");
  }
});

Deno.test("a store that cannot be read is neither read nor written any more", async () => {
  await using server = new CacheServer();
  server.fault = () => new Response(null, { status: 503 });
  using run = share(server);
  assert.equal(await run.sharing.restore(KEY, STAGE), null);
  const before = server.requests.length;
  assert.equal(await run.sharing.restore(KEY, STAGE), null);
  run.sharing.offer(MANIFEST);
  await run.sharing.settled();
  assert.equal(server.requests.length, before);
  assert.equal(run.warnings().length, 1);
  assert.match(run.warnings()[0], /is not used any more, as it answers 503/);
});
