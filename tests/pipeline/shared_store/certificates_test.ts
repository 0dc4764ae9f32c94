import assert from "node:assert/strict";
import { join } from "node:path";

const CLIENT = new URL("../../../lib/pipeline/shared_store/http_cache.ts", import.meta.url).href;

/** Makes an authority and a certificate of `localhost` that it signed; null where there is no openssl. */
function makeCertificates(folder: string): { authority: string; cert: string; key: string } | null {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) =>
    new Deno.Command("openssl", { args, cwd: folder, stderr: "null" }).outputSync().success;
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  Deno.writeTextFileSync(at("server.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1");
  try {
    const isMade = openssl(
      ...["req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2"],
      ...["-subj", "/CN=An authority"],
    ) && openssl(
      ...["req", ...key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"],
    ) && openssl(
      ...["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key"],
      ...["-CAcreateserial", "-out", "server.pem", "-days", "2", "-extfile", "server.ext"],
    );
    if (!isMade) return null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const read = (name: string) => Deno.readTextFileSync(at(name));
  return { authority: at("ca.pem"), cert: read("server.pem"), key: read("server.key") };
}

Deno.test("a certificate authority in DENO_CERT serves reading and sending (needs openssl)", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const made = makeCertificates(folder);
    if (made === null) return;
    const { authority, cert, key } = made;
    const methods: string[] = [];
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", cert, key, onListen() {} },
      async (request) => {
        methods.push(request.method);
        await request.arrayBuffer();
        return new Response("x");
      },
    );
    const address = `https://127.0.0.1:${(server.addr as Deno.NetAddr).port}`;
    const program = `import { HttpCache } from ${JSON.stringify(CLIENT)};
      const settings = { address: "${address}", authorization: null, reads: true, writes: true };
      const cache = new HttpCache(settings, { patience: { timeoutMs: 20000, retryMs: [] } });
      await cache.getEntry("a");
      await cache.putEntry("a", new Uint8Array(3));`;
    Deno.writeTextFileSync(join(folder, "client.ts"), program);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--quiet", join(folder, "client.ts")],
      env: { DENO_CERT: authority },
      cwd: import.meta.dirname,
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    assert.deepEqual(methods, ["GET", "PUT"]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
