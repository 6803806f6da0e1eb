/** Waits for a condition instead of a time. */
import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** What is waited for, for the error: "node1 is free". */
  readonly what: string;
  readonly timeoutMs: number;
  /** Between two looks; 50 ms if left out. */
  readonly everyMs?: number;
}

/**
 * Looks until `look` returns something other than null, undefined and false, and returns that. Throws
 * when the time is over; the error names what was waited for and the last error of `look`, if any.
 */
export async function waitUntil<T>(
  options: WaitOptions,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
): Promise<T> {
  const endMs = Date.now() + options.timeoutMs;
  let lastError: unknown = null;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== null && seen !== undefined && seen !== false) return seen;
      lastError = null;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() >= endMs) {
      const because = lastError instanceof Error ? `: ${lastError.message}` : '';
      throw new Error(`waited ${String(options.timeoutMs)} ms in vain: ${options.what}${because}`);
    }
    await delay(options.everyMs ?? 50);
  }
}
