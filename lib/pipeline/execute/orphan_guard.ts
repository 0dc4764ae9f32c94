/**
 * Ends a stage's process when the engine is gone: a stage that hangs notices nothing itself, and a
 * killed engine can no longer do anything. A shell waits on a pipe from the engine; the system closes
 * the pipe at the engine's end, whatever ends it.
 *
 * @module
 */

/**
 * Waits for a line (all is well) or the pipe's end (the engine is gone). Then gives process `$1` up
 * to `$2` seconds.
 */
const SCRIPT = `trap '' INT TERM HUP
read -r line && exit
left=$2
while [ "$left" -gt 0 ] && kill -0 "$1"; do sleep 1; left=$((left - 1)); done
kill -9 "$1"`;

/**
 * Guards a process.
 *
 * @param graceSeconds How long the process may live without its engine, for a checkpoint.
 * @returns A function that ends the guard, for when the process has ended.
 */
export function guardOrphan(pid: number, graceSeconds: number): () => Promise<void> {
  if (Deno.build.os === "windows") return () => Promise.resolve();
  const shell = new Deno.Command("sh", {
    args: ["-c", SCRIPT, "guard", String(pid), String(graceSeconds)],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return async () => {
    const stdin = shell.stdin.getWriter();
    await stdin.write(new TextEncoder().encode("ended\n")).catch(() => {});
    await stdin.close().catch(() => {});
    await shell.status;
  };
}
