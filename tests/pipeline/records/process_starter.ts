/**
 * A worker that starts one process after the other, each of which has copies of this process's open
 * files for a moment. It sends a message after the first.
 *
 * @module
 */
/// <reference lib="deno.worker" />

for (let isFirst = true;; isFirst = false) {
  await new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null" }).output();
  if (isFirst) self.postMessage("started");
}
