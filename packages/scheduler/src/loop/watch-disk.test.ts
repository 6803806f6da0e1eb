import { describe, expect, it } from 'vitest';
import { aJob, anIntent, anOffer, aPolicy, ourNode, storyMs } from '../core/testing/builders.ts';
import { noWishes } from '../core/wishes.ts';
import { createLoop } from './reconcile-loop.ts';
import { aStage, surroundings } from './testing/fake-ports.ts';
import { aStatus } from './testing/statuses.ts';

const full = 'ENOSPC: no space left on device, write';

/** A loop with an idle node that is due to drain, a job that waits, and an offer for it; disks are full from the start of the story. */
async function aLoop(disks: { state: boolean; journal: boolean }) {
  const intent = anIntent('n1', { launchedAtMs: storyMs - 3_600_000 });
  const save = (): Promise<void> => (disks.state ? Promise.reject(new Error(full)) : Promise.resolve());
  const stage = aStage({
    save,
    torque: {
      readNodes: () => Promise.resolve({ ok: true, value: [ourNode(intent, { np: 1 })] }),
      readQueue: () => Promise.resolve({ ok: true, value: { jobs: [job] } }),
    },
  });
  const job = aJob(1, { request: { kind: 'procs', slots: 8, memMibPerSlot: 0 } });
  stage.disk = { frameworkId: 'fw-1', nextSerial: 2, intents: [intent], wishes: noWishes };
  const journal = {
    append: (entry: Parameters<typeof stage.journal.append>[0]) => {
      stage.journal.append(entry);
    },
    problem: () => (disks.journal ? full : null),
  };
  const loop = createLoop({ ...stage, ...surroundings, journal, policy: aPolicy({ idleMs: 1000 }) });
  await loop.start();
  await stage.tell({ kind: 'subscribed', frameworkId: 'fw-1', master: 'm:5050' });
  await stage.tell({
    kind: 'status',
    status: aStatus({
      taskId: intent.taskId,
      agentId: intent.agentId,
      ackToken: { taskId: intent.taskId, agentId: intent.agentId, uuid: 'u1' },
    }),
  });
  await stage.tell({ kind: 'offers', offers: [anOffer('h', { resources: { cpuMilli: 16_000 } })] });
  await stage.pass(60_000);
  const acts = (): readonly string[] =>
    stage.calls.filter((call) => /^(accept|offline|delete|kill|create|start)/.test(call));
  return { stage, loop, acts };
}

describe.each([
  ['the state', { state: true, journal: false }],
  ['the journal', { state: false, journal: true }],
  ['both', { state: true, journal: true }],
])('a full disk under %s', (_what, filled) => {
  it('stops what is begun, goes on to read and plan, says so once, and gives offers back', async () => {
    const { stage, loop, acts } = await aLoop({ ...filled });
    await stage.pass(60_000);

    expect(acts()).toEqual([]);
    const planned = loop.latest() ?? expect.fail('no plan');
    expect(planned.snapshot.nowMs).toBeGreaterThan(stage.clock.nowMs() - 5000);
    expect(planned.plan.report.notices.map(({ text }) => text)).toContainEqual(
      expect.stringContaining('no space left on device'),
    );
    expect(stage.journal.entries().filter(({ event }) => event === 'nothing can be recorded')).toHaveLength(
      1,
    );
    expect(stage.calls).toContain('decline offer-of-h');
    expect(stage.calls).toContain('acknowledge u1');
  });

  it('is tried again, and work goes on as soon as there is room', async () => {
    const disks = { ...filled };
    const { stage, loop, acts } = await aLoop(disks);
    disks.state = false;
    disks.journal = false;
    await stage.pass(5000);
    await stage.tell({
      kind: 'offers',
      offers: [anOffer('h', { id: 'o2', resources: { cpuMilli: 16_000 } })],
    });
    await stage.pass(5000);

    expect(acts().length).toBeGreaterThan(0);
    expect(loop.latest()?.plan.report.notices).toEqual([]);
    expect(stage.journal.entries().map(({ event }) => event)).toContain('recording again');
  });
});
