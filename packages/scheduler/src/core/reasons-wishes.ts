/** Reasons that are an operator's wish: each names who asked and why. */
import { quoted, seconds, type Reason } from './reasons.ts';
import { isForcedNow, type DrainWish, type Wish } from './wishes.ts';

export function growthHeld({ who, why }: Wish): Reason {
  return { code: 'growth-held', text: `growth is held by ${who} (${quoted(why)}): nothing is launched` };
}

/** Begins the goal's reason of a node that an operator drains. */
const drainMark = 'drained by ';

export function drainWished({ who, why }: DrainWish): Reason {
  return { code: 'drain-wished', text: `${drainMark}${who} (${quoted(why)})` };
}

/** Whether a goal's `why` says that an operator wished it. */
export function isDrainWished(why: string): boolean {
  return why.startsWith(drainMark);
}

export function agentDrained(wish: DrainWish): Reason {
  const { target } = wish;
  const what = target.kind === 'node' ? `node ${target.node}` : `agent ${target.agentId}`;
  return { code: 'agent-drained', text: `${what} is ${drainWished(wish).text}: nothing is launched there` };
}

/** "drained by ada ("new disk"): waits for 42.head to end, the deadline is in 300 s". */
export function drainWaits(wish: DrainWish, jobs: Reason, nowMs: number): Reason {
  return { code: jobs.code, text: `${drainWished(wish).text}: ${jobs.text}${deadline(wish, nowMs)}` };
}

function deadline(wish: DrainWish, nowMs: number): string {
  const { deadlineMs, force } = wish;
  if (deadlineMs === null) return '';
  if (nowMs < deadlineMs) {
    const then = force ? ', and they are ended then' : '';
    return `, the deadline is in ${seconds(deadlineMs - nowMs)}${then}`;
  }
  return `, the deadline passed ${seconds(nowMs - deadlineMs)} ago${force ? '' : ' and jobs are not ended by force'}`;
}

export function drainForced(wish: DrainWish, jobs: number, nowMs: number): Reason {
  const when = isForcedNow(wish, nowMs) ? seconds(nowMs - (wish.deadlineMs ?? nowMs)) : 'not yet';
  return {
    code: 'drain-forced',
    text: `${drainWished(wish).text}: the deadline passed ${when} ago, ${String(jobs)} job${jobs === 1 ? ' is' : 's are'} ended`,
  };
}

export function undrained(): string {
  return 'an operator, who took the drain back,';
}
