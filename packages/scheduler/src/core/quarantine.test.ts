import { describe, expect, test } from 'vitest';
import type { AgentTrouble } from './facts.ts';
import { plan } from './plan.ts';
import { quarantineOf, restEndsAtMs } from './quarantine.ts';
import { aJob, anOffer, aPolicy, aSnapshot, storyMs } from './testing/builders.ts';

const minuteMs = 60_000;
const policy = aPolicy({
  agentBackoffMs: minuteMs,
  agentBackoffMsMax: 10 * minuteMs,
  quarantineFailures: 5,
  quarantineMs: 60 * minuteMs,
});

function trouble(failures: number, agoMs = 0): AgentTrouble {
  const lastMs = storyMs - agoMs;
  const message = 'pbs_mom exited 3';
  return {
    agentId: 'agent-of-a',
    failures,
    lastMs,
    lastMessage: message,
    evidence: [{ atMs: lastMs, message }],
  };
}

describe('an agent on which launches fail', () => {
  test.each([
    [1, 1],
    [2, 2],
    [4, 8],
    [5, 60],
    [9, 60],
  ])('%i times in a row rests for %i minutes', (failures, minutes) => {
    expect(restEndsAtMs(trouble(failures), policy) - storyMs).toBe(minutes * minuteMs);
  });

  test('is in quarantine from the fifth on, and its offers are declined with the evidence', () => {
    const snapshot = aSnapshot({ jobs: [aJob(1)], offers: [anOffer('a')], trouble: [trouble(5, minuteMs)] });
    const { decisions, report } = plan(snapshot, policy);

    expect(decisions.map(({ kind }) => kind)).not.toContain('launch');
    expect(report.quarantined).toMatchObject([{ agentId: 'agent-of-a', state: 'resting', failures: 5 }]);
    expect(report.offers[0]?.why.text).toContain(
      'agent agent-of-a is in quarantine: 5 launches failed there in a row (60 s ago "pbs_mom exited 3"); one is tried again in 3,540 s',
    );
  });

  test('is on probation after it: one launch, however much waits', () => {
    const jobs = [1, 2, 3, 4, 5, 6, 7, 8].map((id) => aJob(id));
    const snapshot = aSnapshot({ jobs, offers: [anOffer('a')], trouble: [trouble(5, 61 * minuteMs)] });
    const { decisions, report } = plan(snapshot, policy);

    expect(decisions.filter(({ kind }) => kind === 'launch')).toHaveLength(1);
    expect(report.quarantined).toMatchObject([{ state: 'probation' }]);
  });

  test('is back in quarantine after one more failure, and free after a success', () => {
    expect(quarantineOf(trouble(6), policy, storyMs)?.state).toBe('resting');
    expect(quarantineOf(trouble(4), policy, storyMs)).toBeNull();
  });
});
