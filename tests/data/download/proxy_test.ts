import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { pattern, withFolder } from "../archives.ts";
import { withServer } from "../http_server.ts";

const FILE = pattern(50_000, 1);
const FETCH = new URL("../../../lib/data/download/fetch.ts", import.meta.url).href;

/** Fetches `url` in a process of its own, since Deno reads the proxy variables once. */
async function fetchWith(env: Record<string, string>, url: string): Promise<string> {
  return await withFolder(async (folder) => {
    const program = `import { fetchArchive } from ${JSON.stringify(FETCH)};
      const { sha256 } = await fetchArchive({
        sources: [${JSON.stringify(url)}],
        destinationFolder: ${JSON.stringify(folder)},
        retry: { attempts: 1, firstDelayMs: 1, maximumDelayMs: 1 },
      });
      console.log(sha256);`;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", program],
      env,
      stderr: "inherit",
    }).output();
    return new TextDecoder().decode(stdout).trim();
  });
}

Deno.test("a download goes through HTTP_PROXY, except to the hosts of NO_PROXY", async () => {
  const sha256 = createHash("sha256").update(FILE).digest("hex");
  await withServer(FILE, async (proxy) => {
    const { host } = new URL(proxy.url);
    const env = { HTTP_PROXY: `http://${host}`, NO_PROXY: "127.0.0.1" };
    assert.equal(await fetchWith(env, "http://data.invalid/file.tar.gz"), sha256);
    assert.equal(proxy.requests[0].url, "http://data.invalid/file.tar.gz");
    assert.equal(await fetchWith(env, proxy.url), sha256);
    assert.equal(proxy.requests[1].url, "/data/file.tar.gz", "asked directly");
  });
});
