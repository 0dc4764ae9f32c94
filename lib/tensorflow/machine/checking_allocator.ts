/**
 * glibc's allocator that checks: it ends a process by SIGABRT when it frees a block behind which
 * something was written. Damaged memory is noticed where it is damaged, or not much later.
 *
 * @module
 */

const LIBRARY = "libc_malloc_debug.so.0";

/** The environment of a process that is to be checked; without effect where glibc has no such library. */
export const CHECKING_ALLOCATOR = {
  LD_PRELOAD: LIBRARY,
  GLIBC_TUNABLES: "glibc.malloc.check=3",
} as const;

/** Whether the allocator of this process checks. */
export function allocatorChecks(): boolean {
  try {
    return Deno.readTextFileSync("/proc/self/maps").includes(LIBRARY);
  } catch {
    return false;
  }
}
