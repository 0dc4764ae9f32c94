/**
 * A folder that all test files of one run of the tests share: made by the first that asks for it,
 * removed when no file uses it.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runId } from "../runner/run_id.ts";

/** Takes part in a shared folder until this test file ends. */
export class SharedFolder {
  readonly #folder: string;
  readonly #user: string;

  /** @param name Tells shared folders of one run apart. */
  constructor(name: string) {
    this.#folder = join(tmpdir(), `${name}-${runId()}`);
    this.#user = crypto.randomUUID();
    globalThis.addEventListener("unload", () => this.#leave());
  }

  /**
   * The folder's content.
   *
   * @param make Makes it and returns the folder that it is in, which is moved.
   */
  async content(make: () => Promise<string>): Promise<string> {
    using _turn = await this.#turn();
    Deno.mkdirSync(join(this.#folder, "users"), { recursive: true });
    Deno.writeTextFileSync(join(this.#folder, "users", this.#user), "");
    const content = join(this.#folder, "content");
    if (!exists(content)) Deno.renameSync(await make(), content);
    return content;
  }

  #leave(): void {
    const path = `${this.#folder}.lock`;
    if (!exists(path)) return;
    const lock = Deno.openSync(path, { write: true });
    lock.lockSync(true);
    const users = join(this.#folder, "users");
    if (exists(join(users, this.#user))) Deno.removeSync(join(users, this.#user));
    if (exists(users) && [...Deno.readDirSync(users)].length === 0) {
      // The lock's file stays: whoever waits for a removed one gets a lock that others do not see.
      Deno.removeSync(this.#folder, { recursive: true });
    }
    lock.close();
  }

  async #turn(): Promise<Disposable> {
    const lock = await Deno.open(`${this.#folder}.lock`, { write: true, create: true });
    await lock.lock(true);
    return { [Symbol.dispose]: () => lock.close() };
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
