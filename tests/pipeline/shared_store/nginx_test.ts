import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Rig, summaryOf } from "../rig.ts";

const VERSION = await versionOfNginx();
const WHY = VERSION === null ? " (skipped: there is no nginx here)" : "";

Deno.test({
  name: `nginx with WebDAV serves as a shared store, with a password and writers at once${WHY}`,
  ignore: VERSION === null,
  async fn() {
    await using server = await Nginx.start();
    using first = await Rig.built(), second = await Rig.built();
    const pushes = await Promise.all(
      [first, second].map((rig) => rig.runApart(["push", "--store", server.address("me:secret")])),
    );
    for (const { status, stderr } of pushes) assert.equal(status, 0, stderr);
    using third = await Rig.built();
    Deno.removeSync(third.path("artifacts"), { recursive: true });
    Deno.removeSync(third.path("reports"), { recursive: true });
    const { stdout } = await third.run(["--json", "--store", server.address("me:secret")]);
    const { ran, restored } = summaryOf(stdout);
    assert.deepEqual([ran, restored], [0, 4], stdout);
    assert.deepEqual(third.snapshot("reports"), first.snapshot("reports"));
    const wrong = await first.run(["push", "--store", server.address("me:wrong")]);
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /answers 401; it refuses the credentials/);
  },
});

/** An nginx of this test alone, with its own configuration, on a loopback port. */
class Nginx {
  readonly #folder: string;
  readonly #port: number;
  readonly #process: Deno.ChildProcess;

  private constructor(folder: string, port: number, process: Deno.ChildProcess) {
    this.#folder = folder;
    this.#port = port;
    this.#process = process;
  }

  static async start(): Promise<Nginx> {
    const folder = Deno.makeTempDirSync({ prefix: "nginx-" });
    const port = freePort();
    for (const name of ["data", "temporary"]) Deno.mkdirSync(join(folder, name));
    Deno.writeTextFileSync(join(folder, "users"), "me:{PLAIN}secret\n");
    Deno.writeTextFileSync(join(folder, "nginx.conf"), configuration(folder, port));
    const process = new Deno.Command("nginx", {
      args: ["-p", folder, "-e", join(folder, "error.log"), "-c", join(folder, "nginx.conf")],
      stderr: "null",
    }).spawn();
    const server = new Nginx(folder, port, process);
    for (let tries = 0; !await answers(server.address()); tries++) {
      if (tries === 500) throw new Error(`nginx does not start in ${folder}`);
      await delay(20);
    }
    return server;
  }

  address(user?: string): string {
    return `http://${user ? `${user}@` : ""}127.0.0.1:${this.#port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

/** The configuration of docs/shared-store.md, with this test's places. */
function configuration(folder: string, port: number): string {
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
${Deno.uid() === 0 ? "user root;" : ""}
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${folder}/temporary;
  proxy_temp_path ${folder}/temporary;
  fastcgi_temp_path ${folder}/temporary;
  uwsgi_temp_path ${folder}/temporary;
  scgi_temp_path ${folder}/temporary;
  server {
    listen 127.0.0.1:${port};
    root ${folder}/data;
    client_max_body_size 0;
    auth_basic "shared store";
    auth_basic_user_file ${folder}/users;
    location ~ "^/(cas|ac)/[0-9a-f]{64}$" {
      dav_methods PUT;
      create_full_put_path on;
    }
    location / { return 404; }
  }
}
`;
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).body?.cancel();
    return true;
  } catch {
    return false;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function versionOfNginx(): Promise<string | null> {
  try {
    const { stderr } = await new Deno.Command("nginx", { args: ["-v"] }).output();
    return new TextDecoder().decode(stderr).trim();
  } catch {
    return null;
  }
}
