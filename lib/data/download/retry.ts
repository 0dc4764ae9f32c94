/**
 * Repeats what a network may fail at, with waits that double.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";

/** How often and after how long a failed attempt is repeated. */
export interface RetryPolicy {
  /** Attempts in a row that may fail without progress, at least 1. */
  readonly attempts: number;
  /** Wait after the first failure; it doubles with each further one. */
  readonly firstDelayMs: number;
  /** Longest wait, also where a server asks for a longer one. */
  readonly maximumDelayMs: number;
}

/** Five attempts over 15 seconds, and up to two minutes where a server asks for them. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  attempts: 5,
  firstDelayMs: 1000,
  maximumDelayMs: 120_000,
};

/** A failure that another attempt may not meet. */
export class TransientError extends Error {
  override readonly name = "TransientError";

  /** @param retryAfterMs the wait that the server asked for */
  constructor(message: string, readonly retryAfterMs?: number, options?: ErrorOptions) {
    super(message, options);
  }
}

/**
 * Wait before the next attempt. There is no jitter: one client fetches one file, and a wait that
 * can be foreseen can be tested.
 *
 * @param failures failures in a row so far, at least 1
 */
export function delayMs(policy: RetryPolicy, failures: number, retryAfterMs = 0): number {
  const backOffMs = policy.firstDelayMs * 2 ** (failures - 1);
  return Math.min(policy.maximumDelayMs, Math.max(backOffMs, retryAfterMs));
}

/**
 * Reads a `Retry-After` header (RFC 9110, 10.2.3): seconds or a date.
 *
 * @param nowMs current time in milliseconds since the epoch
 * @returns the wait, or undefined without a valid header
 */
export function parseRetryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/**
 * Runs `attempt` until it succeeds, fails for good, or has failed too often in a row.
 *
 * @param attempt the work; throws a {@linkcode TransientError} if it is worth another try
 * @param progress a number that grows when attempts get on; growth makes the count start again
 * @param onRetry told of each failure before the wait
 * @throws what the last attempt threw, or the signal's reason
 */
export async function retry<T>(
  attempt: () => Promise<T>,
  progress: () => number,
  { policy, signal, onRetry }: {
    policy: RetryPolicy;
    signal?: AbortSignal;
    onRetry: (error: TransientError, delayMs: number) => void;
  },
): Promise<T> {
  let failures = 0;
  let best = progress();
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      if (progress() > best) failures = 0;
      best = Math.max(best, progress());
      failures++;
      if (failures >= policy.attempts) throw error;
      const wait = delayMs(policy, failures, error.retryAfterMs);
      onRetry(error, wait);
      await delay(wait, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}
