/**
 * Ending a mom in order, and everything that it leaves: `momctl -s` (the server then knows at once that
 * the node is down), TERM, KILL, each with its share of the time; then the processes that outlive the
 * mom, for 6.1.3 leaves its jobs running however it is stopped.
 */
import { sleep } from '@mesos-torque/common/clock.ts';
import type { Clock } from '@mesos-torque/common/clock.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Followers } from './followers.ts';
import type { MomProcess } from './ports.ts';
import { identity } from './processes.ts';
import type { ProcessRow } from './processes.ts';

export interface StopMeans {
  readonly clock: Clock;
  readonly followers: Followers;
  /**
   * Runs `momctl -s`; null when it must not be run, because nothing shows that the mom which answers is
   * ours.
   */
  readonly askMom: (() => Promise<unknown>) | null;
  /** May come nearer while we wait. Zero or less time left: KILL at once. */
  deadlineMs(): number;
}

export interface StopReport {
  readonly how: 'had ended' | 'killed by others' | 'momctl' | 'TERM' | 'KILL' | 'not at all';
  /** What outlived the mom and was ended. */
  readonly ended: readonly ProcessRow[];
  /** What could not be ended. */
  readonly survivors: readonly ProcessRow[];
}

/** Shares of the time until the deadline after which the next, harder means is taken. */
const askShare = 0.4;
const termShare = 0.7;
/** The system ends a killed process at once unless it hangs in a device. */
const killWaitMs = 2000;
const leftoverTermMsMin = 200;
const leftoverTermMsMax = 5000;
const lookEveryMs = 50;

export async function stopMom(mom: MomProcess, means: StopMeans): Promise<StopReport> {
  // Looked at before the mom ends: with their parent gone, nothing shows where its children came from.
  await means.followers.look(momPidOf(mom));
  const how = await endMom(mom, means);
  return { how, ...(await endLeftovers(mom, means)) };
}

/** Ends the mom and leaves its jobs running, for another mom to take up: TERM, and KILL after `graceMs`. */
export async function endMomAlone(mom: MomProcess, clock: Clock, graceMs: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (mom.exit !== null) return;
    // 6.1.3 puts each job into a session of its own, so the mom's group is the mom and its helpers.
    mom.signalGroup(signal);
    const untilMs = clock.nowMs() + graceMs;
    await endsUntil(mom, clock, () => untilMs);
  }
}

async function endMom(mom: MomProcess, means: StopMeans): Promise<StopReport['how']> {
  if (mom.exit !== null) return unlessKilled(mom, 'had ended');
  const beganMs = means.clock.nowMs();
  const share = (part: number) => () => beganMs + part * (means.deadlineMs() - beganMs);
  if (means.askMom !== null && means.deadlineMs() > beganMs) {
    void means.askMom();
    if (await endsUntil(mom, means.clock, share(askShare))) return unlessKilled(mom, 'momctl');
  }
  if (means.deadlineMs() > beganMs) {
    mom.signalGroup('SIGTERM');
    if (await endsUntil(mom, means.clock, share(termShare))) return unlessKilled(mom, 'TERM');
  }
  mom.signalGroup('SIGKILL');
  const killedMs = means.clock.nowMs();
  return (await endsUntil(mom, means.clock, () => killedMs + killWaitMs)) ? 'KILL' : 'not at all';
}

/** Before we have sent KILL ourselves: whatever we had asked for, this is not how it ended. */
function unlessKilled({ exit }: MomProcess, how: StopReport['how']): StopReport['how'] {
  return exit?.kind === 'signal' && exit.signal === 'SIGKILL' ? 'killed by others' : how;
}

async function endsUntil(mom: MomProcess, clock: Clock, untilMs: () => number): Promise<boolean> {
  while (mom.exit === null && clock.nowMs() < untilMs()) {
    await Promise.race([mom.exited, sleep(clock, Math.min(lookEveryMs, untilMs() - clock.nowMs()))]);
  }
  return mom.exit !== null;
}

/** TERM to all that is left, KILL to what does not heed it. What starts meanwhile is treated alike. */
async function endLeftovers(
  mom: MomProcess,
  means: StopMeans,
): Promise<{ readonly ended: readonly ProcessRow[]; readonly survivors: readonly ProcessRow[] }> {
  const seen = new Map<string, ProcessRow>();
  const nowMs = means.clock.nowMs();
  const termUntilMs = nowMs + leftoverTermMsMin;
  const termDone = (): number =>
    Math.max(termUntilMs, Math.min(means.deadlineMs(), nowMs + leftoverTermMsMax));
  await signalUntilGone('SIGTERM', termDone, mom, means, seen);
  const killedMs = means.clock.nowMs();
  const survivors = await signalUntilGone('SIGKILL', () => killedMs + killWaitMs, mom, means, seen);
  const alive = new Set(survivors.map(identity));
  return { ended: [...seen.values()].filter((row) => !alive.has(identity(row))), survivors };
}

/** Gives what is still there when the time is over. */
async function signalUntilGone(
  signal: 'SIGTERM' | 'SIGKILL',
  untilMs: () => number,
  mom: MomProcess,
  { clock, followers }: StopMeans,
  seen: Map<string, ProcessRow>,
): Promise<readonly ProcessRow[]> {
  const signalled = new Set<string>();
  for (;;) {
    const left = await followers.look(momPidOf(mom));
    for (const row of left) {
      seen.set(identity(row), row);
      if (!signalled.has(identity(row))) followers.signal(row, signal);
      signalled.add(identity(row));
    }
    if (left.length === 0 || clock.nowMs() >= untilMs()) return left;
    await sleep(clock, lookEveryMs);
  }
}

function momPidOf(mom: MomProcess): number | null {
  return mom.exit === null && mom.pid > 0 ? mom.pid : null;
}

/** How the mom ended and what became of its leavings, in a sentence without an end. */
export function describeStop(report: StopReport): string {
  return [howWords(report.how), leavings(report)].filter((part) => part !== '').join('; ');
}

function howWords(how: StopReport['how']): string {
  switch (how) {
    case 'had ended':
      return 'pbs_mom had ended';
    case 'killed by others':
      return 'pbs_mom was ended by SIGKILL, which others had sent';
    case 'momctl':
      return 'pbs_mom stopped when asked by momctl';
    case 'TERM':
      return 'pbs_mom was ended by TERM';
    case 'KILL':
      return 'pbs_mom was ended by KILL';
    case 'not at all':
      return 'pbs_mom could not be ended';
    default:
      return unreachable(how);
  }
}

/** What it left behind, empty if nothing. */
export function leavings({ ended, survivors }: Pick<StopReport, 'ended' | 'survivors'>): string {
  return [
    ended.length === 0 ? '' : `ended what it left running: ${listed(ended)}`,
    survivors.length === 0 ? '' : `could not end ${listed(survivors)}`,
  ]
    .filter((part) => part !== '')
    .join('; ');
}

const listedMax = 10;

function listed(rows: readonly ProcessRow[]): string {
  const shown = rows.slice(0, listedMax).map(({ name, pid }) => `${name} (${pid})`);
  const rest = rows.length - shown.length;
  return rest === 0 ? shown.join(', ') : `${shown.join(', ')} and ${rest} more`;
}
