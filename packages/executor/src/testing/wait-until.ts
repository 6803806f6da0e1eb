/** Waits for what a test expects to happen soon. */
import { setTimeout as delay } from 'node:timers/promises';

const waitMsMax = 10_000;
const everyMs = 20;

/** Throws an error that names `what` when it has not happened within ten seconds. */
export async function waitUntil(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const untilMs = Date.now() + waitMsMax;
  while (!(await holds())) {
    if (Date.now() > untilMs) throw new Error(`${what}: not within ${waitMsMax} ms`);
    await delay(everyMs);
  }
}
