/** A precondition of the scheduler: what it is, what it waits for, and what was found. */
import type { Clock } from '@mesos-torque/common/clock.ts';
import { messageOf } from '@mesos-torque/common/text.ts';

export type CheckStatus =
  | 'ok'
  /** It works; something may surprise one day. */
  | 'warning'
  | 'wrong'
  /** It could not be tried. */
  | 'unknown';

export interface Verdict {
  readonly status: CheckStatus;
  /** What was found, in one sentence; for `unknown` why it could not be tried. */
  readonly found: string;
  /** The command or setting that mends it; null where nothing is to be mended. */
  readonly remedy: string | null;
}

export interface CheckResult extends Verdict {
  readonly name: string;
}

/** One check. What it asks of the world is in `probe`; what it makes of the answer is a pure function beside it. */
export interface Check {
  readonly name: string;
  /** Checks that must not be wrong or unknown for this one to be tried. */
  readonly needs: readonly string[];
  readonly probe: () => Promise<Verdict>;
}

export function ok(found: string): Verdict {
  return { status: 'ok', found, remedy: null };
}

export function warning(found: string, remedy: string): Verdict {
  return { status: 'warning', found, remedy };
}

export function wrong(found: string, remedy: string): Verdict {
  return { status: 'wrong', found, remedy };
}

export function unknown(found: string, remedy: string | null = null): Verdict {
  return { status: 'unknown', found, remedy };
}

/**
 * Runs all of them side by side, each after those it needs, and gives the results in the given order. None
 * takes longer than `timeMsMax` by itself.
 */
export async function runChecks(
  checks: readonly Check[],
  clock: Clock,
  timeMsMax: number,
): Promise<readonly CheckResult[]> {
  const results = new Map<string, Promise<CheckResult>>();
  for (const check of checks) {
    const needed = check.needs.map((name) => {
      const before = results.get(name);
      if (before === undefined)
        throw new Error(`check ${check.name} needs ${name}, which does not come before it`);
      return before;
    });
    results.set(check.name, afterNeeded(check, needed, clock, timeMsMax));
  }
  return Promise.all(results.values());
}

async function afterNeeded(
  check: Check,
  needed: readonly Promise<CheckResult>[],
  clock: Clock,
  timeMsMax: number,
): Promise<CheckResult> {
  const missing = (await Promise.all(needed)).find(
    ({ status }) => status === 'wrong' || status === 'unknown',
  );
  if (missing !== undefined) {
    return { name: check.name, ...unknown(`not tried: it needs "${missing.name}", see there`) };
  }
  return { name: check.name, ...(await withinTime(check, clock, timeMsMax)) };
}

function withinTime({ probe }: Check, clock: Clock, timeMsMax: number): Promise<Verdict> {
  return new Promise((resolve) => {
    const cancel = clock.after(timeMsMax, () => {
      resolve(unknown(`not known: it took longer than ${timeMsMax / 1000} s`));
    });
    probe()
      .catch((error: unknown) => unknown(`not known: ${messageOf(error)}`))
      .then((verdict) => {
        cancel();
        resolve(verdict);
      }, resolve);
  });
}
