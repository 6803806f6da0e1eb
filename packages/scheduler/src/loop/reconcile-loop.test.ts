import { describe, expect, it } from 'vitest';
import type { Decision, Plan } from '../core/decisions.ts';
import type { Snapshot } from '../core/facts.ts';
import { aJob, anIntent, anOffer, ourNode } from '../core/testing/builders.ts';
import type { Planner } from './planner.ts';
import type { Outcome, StatusFacts } from './ports.ts';
import { createLoop, type LoopEnd } from './reconcile-loop.ts';
import { aStage, failed, surroundings, type Stage } from './testing/fake-ports.ts';
import { noWishes } from '../core/wishes.ts';

const why = { code: 'story', text: 'as the story says' };
const nothingHeld = { cpuMilli: 0, memMib: 0, diskMib: 0, gpus: 0, nodes: 0 };
const decline: Decision = { kind: 'decline', offerIds: ['offer-of-h'], refuseS: 5, inVainFor: [], why };
const suppress: Decision = { kind: 'suppress', why };

function aPlan(decisions: readonly Decision[], report: Partial<Plan['report']> = {}): Plan {
  const empty = {
    jobs: [],
    nodes: [],
    offers: [],
    brake: null,
    quarantined: [],
    notices: [],
    held: nothingHeld,
    heldAfter: nothingHeld,
  };
  return { decisions, report: { ...empty, wakeAtMs: null, ...report } };
}

/** Plans what the story says, and remembers what it was shown; `meanwhile` happens while it plans. */
function aPlanner(
  plan: (snapshot: Snapshot) => Plan,
  violations: readonly string[] = [],
  meanwhile: () => void = () => undefined,
) {
  const shown: Snapshot[] = [];
  const planner: Planner = {
    *plan(snapshot) {
      shown.push(snapshot);
      meanwhile();
      yield;
      return plan(snapshot);
    },
    *checkPlan() {
      yield;
      return violations;
    },
  };
  return { shown, planner };
}

async function aLoop(stage: Stage, planner: Planner) {
  const loop = createLoop({ ...stage, ...surroundings, planner });
  const ends: LoopEnd[] = [];
  void loop.ended.then((end) => ends.push(end));
  await loop.start();
  return { ...loop, ends };
}

const subscribed = { kind: 'subscribed', frameworkId: 'fw-1', master: 'm:5050' } as const;
const offers = { kind: 'offers', offers: [anOffer('h')] } as const;

describe('what happens in the middle of planning', () => {
  const declineBoth: Decision = { ...decline, offerIds: ['offer-of-h', 'offer-of-i'] };
  const twoOffers = { kind: 'offers', offers: [anOffer('h'), anOffer('i')] } as const;
  const launch: Decision = {
    kind: 'launch',
    offerIds: ['offer-of-h'],
    host: 'h',
    intent: anIntent('h', { taskId: 'mom.h.100' }),
    requestId: 'mesos-torque.fw-1.mom.h.100',
    why,
  };

  it('voids decisions on offers that Mesos took back, and no others', async () => {
    const stage = aStage();
    const { planner } = aPlanner(
      ({ offers }) => aPlan(offers.length === 2 ? [launch, declineBoth] : []),
      [],
      () => void stage.tell({ kind: 'rescinded', offerId: 'offer-of-h' }),
    );
    await aLoop(stage, planner);

    await stage.tell(subscribed);
    await stage.tell(twoOffers);
    await stage.pass(20);

    expect(stage.calls.filter((call) => /accept|decline/.test(call))).toEqual(['decline offer-of-i']);
  });

  it('does not let an act that ended be repeated on facts from before its end', async () => {
    const intents = [anIntent('n1')];
    const remove: Decision = { kind: 'kill-task', taskId: 'mom.n1.1', agentId: 'a', graceMs: 0, why };
    const ends: ((outcome: Outcome<null>) => void)[] = [];
    const kill = (taskId: string): Promise<Outcome<null>> => {
      stage.calls.push(`kill ${taskId}`);
      return new Promise((resolve) => ends.push(resolve));
    };
    const stage = aStage({ mesos: { kill } });
    stage.disk = { frameworkId: 'fw-1', nextSerial: 2, intents, wishes: noWishes };
    // The first kill ends while the second plan is being made, which still wants it.
    const { planner, shown } = aPlanner(
      () => aPlan(shown.length <= 2 ? [remove] : []),
      [],
      () => {
        if (shown.length === 2) ends[0]?.({ ok: true, value: null });
      },
    );
    await aLoop(stage, planner);

    await stage.tell(subscribed);
    await stage.pass(20);
    await stage.tell(offers);
    await stage.pass(20);

    expect(shown.length).toBeGreaterThanOrEqual(2);
    expect(stage.calls.filter((call) => call.startsWith('kill'))).toEqual(['kill mom.n1.1']);
  });

  it('a stop keeps what was planned from being begun', async () => {
    const stage = aStage();
    let stop = (): void => undefined;
    const { planner } = aPlanner(
      ({ offers }) => aPlan(offers.length > 0 ? [decline] : []),
      [],
      () => {
        stop();
      },
    );
    const loop = await aLoop(stage, planner);
    await stage.tell(subscribed);
    await stage.pass(20);
    stop = () => void loop.stop();

    await stage.tell(offers);
    await stage.pass(100);

    expect(stage.calls.filter((call) => call.startsWith('decline'))).toEqual([]);
  });
});

describe('the loop', () => {
  it('observes, plans, carries out and records', async () => {
    const stage = aStage({
      torque: { readQueue: () => Promise.resolve({ ok: true, value: { jobs: [aJob(1)] } }) },
    });
    const { planner } = aPlanner(({ offers }) => aPlan(offers.length > 0 ? [decline] : []));
    const loop = await aLoop(stage, planner);

    await stage.tell(subscribed);
    await stage.tell(offers);
    await stage.pass(20);

    expect(stage.calls).toEqual(['save', 'reconcile', 'decline offer-of-h']);
    expect(loop.latest()?.snapshot).toMatchObject({ queue: { value: { jobs: [{ id: '1.head' }] } } });
    expect(stage.journal.entries().at(-1)).toMatchObject({ event: 'offers declined', why: why.text });
  });

  it('does nothing under a framework id that is not on disk', async () => {
    let isFull = true;
    const stage = aStage({
      save: () => (isFull ? Promise.reject(new Error('disk full')) : Promise.resolve()),
    });
    await aLoop(stage, aPlanner(({ mesos }) => aPlan(mesos.connected ? [suppress] : [])).planner);

    await stage.tell(subscribed);
    await stage.pass(100);
    const meanwhile = [...stage.calls];
    isFull = false;
    await stage.pass(1000);

    expect(meanwhile).toEqual(['save']);
    expect(stage.disk?.frameworkId).toBe('fw-1');
    expect(stage.calls).toContain('suppress');
  });

  it('carries out of a refused plan only what gives offers back, and says so', async () => {
    const stage = aStage();
    await aLoop(stage, aPlanner(() => aPlan([suppress, decline]), ['floor not held']).planner);

    await stage.tell(subscribed);
    await stage.tell(offers);
    await stage.pass(20);

    expect(stage.calls).toContain('decline offer-of-h');
    expect(stage.calls).not.toContain('suppress');
    expect(stage.journal.entries()).toContainEqual(
      expect.objectContaining({ event: 'plan refused', why: 'floor not held' }),
    );
  });

  it('lives on when planning fails', async () => {
    const stage = aStage();
    let plans = 0;
    const { planner } = aPlanner(() => {
      plans += 1;
      if (plans === 1) throw new Error('a bug');
      return aPlan([]);
    });
    await aLoop(stage, planner);

    await stage.pass(5000);

    expect(stage.journal.entries()).toContainEqual(expect.objectContaining({ event: 'planning failed' }));
    expect(plans).toBeGreaterThan(1);
  });

  it('plans for events together that come together, and one pass at a time', async () => {
    const { promise: saving, resolve: saveNow } = Promise.withResolvers<undefined>();
    const stage = aStage({ save: () => saving });
    const { planner, shown } = aPlanner(() => aPlan([]));
    await aLoop(stage, planner);
    await stage.pass(20);
    const before = shown.length;

    await stage.tell(subscribed);
    for (let event = 0; event < 10; event++) await stage.tell(offers);
    await stage.pass(100);
    const duringSave = shown.length;
    saveNow(undefined);
    await stage.pass(100);

    expect(duringSave).toBe(before);
    expect(shown.length).toBeLessThanOrEqual(before + 2);
  });

  it('wakes when the plan says that time alone changes it', async () => {
    // Nothing else wakes it: TORQUE does not answer.
    const never = new Promise<Outcome<never>>(() => undefined);
    const stage = aStage({ torque: { readQueue: () => never } });
    const { planner, shown } = aPlanner(({ nowMs }) => aPlan([], { wakeAtMs: nowMs + 700 }));
    await aLoop(stage, planner);

    await stage.tell(subscribed);
    await stage.pass(50);
    const before = shown.length;
    await stage.pass(1500);

    expect(shown.length).toBe(before + 2);
  });

  it('goes on planning while a node is being deleted', async () => {
    const never = new Promise<Outcome<null>>(() => undefined);
    const intent = anIntent('n1');
    const stage = aStage({ torque: { deleteNode: () => never } });
    stage.disk = { frameworkId: 'fw-1', nextSerial: 2, intents: [intent], wishes: noWishes };
    const remove: Decision = { kind: 'delete-node', taskId: intent.taskId, node: 'n1', why };
    const { planner, shown } = aPlanner(() => aPlan([remove, decline]));
    await aLoop(stage, planner);
    await stage.tell(subscribed);

    await stage.pass(5000);

    expect(shown.length).toBeGreaterThan(5);
    expect(stage.disk.intents[0]?.goal.kind).toBe('leave');
  });

  it('shows a failed reading as stale and never as empty', async () => {
    let fails = false;
    const readQueue = (): Promise<Outcome<{ jobs: ReturnType<typeof aJob>[] }>> =>
      Promise.resolve(fails ? failed('timed-out') : { ok: true, value: { jobs: [aJob(1)] } });
    const { planner, shown } = aPlanner(() => aPlan([]));
    const stage = aStage({ torque: { readQueue } });
    await aLoop(stage, planner);

    await stage.pass(100);
    fails = true;
    await stage.pass(5000);

    expect(shown.at(-1)?.queue).toMatchObject({ state: 'stale', value: { jobs: [{ id: '1.head' }] } });
  });

  it('says nothing about the phases of nodes before both sides were heard after a restart', async () => {
    const intent = anIntent('n1');
    const stage = aStage();
    stage.disk = { frameworkId: 'fw-1', nextSerial: 2, intents: [intent], wishes: noWishes };
    const { taskId } = intent;
    const verdict = { node: 'n1', taskId, phase: 'up', np: 1, jobs: [], why } as const;
    await aLoop(stage, aPlanner(() => aPlan([], { nodes: [verdict] })).planner);
    const phases = () => stage.journal.entries().filter(({ event }) => event === 'node phase changed');

    await stage.tell(subscribed);
    await stage.pass(3000);
    const beforeMesosSpoke = phases();
    await stage.tell({ kind: 'status', status: aStatus({ taskId, agentId: intent.agentId, uuid: 'u1' }) });
    await stage.pass(100);

    expect(beforeMesosSpoke).toEqual([]);
    expect(phases()).toMatchObject([{ taskId, data: { from: null, to: 'up' } }]);
  });

  it('acknowledges an update after it was taken in and journalled', async () => {
    const order: string[] = [];
    const stage = aStage({
      mesos: {
        acknowledge(token) {
          order.push(`acknowledge ${token.uuid}`);
          return Promise.resolve({ ok: true, value: null });
        },
      },
    });
    stage.journal.subscribe(({ event, data }) => order.push(`${event} ${String(data?.['uuid'])}`));
    await aLoop(stage, aPlanner(() => aPlan([])).planner);

    await stage.tell({ kind: 'status', status: aStatus({ taskId: 'mom.n1.1', agentId: 'a1', uuid: 'u1' }) });

    expect(order).toEqual(['task status u1', 'acknowledge u1']);
  });

  it('gives a stray node an intent, so that it is taken down in order', async () => {
    const intent = anIntent('n1', { serial: 41 });
    const stage = aStage({
      torque: { readNodes: () => Promise.resolve({ ok: true, value: [ourNode(intent)] }) },
    });
    await aLoop(stage, aPlanner(() => aPlan([])).planner);

    await stage.tell(subscribed);
    await stage.pass(3000);

    expect(stage.disk).toMatchObject({
      nextSerial: 42,
      intents: [{ taskId: intent.taskId, nodeName: 'n1', goal: { kind: 'drain' } }],
    });
  });

  it('ends when Mesos will have no more of it, with the remedy', async () => {
    const stage = aStage();
    const loop = await aLoop(stage, aPlanner(() => aPlan([])).planner);

    await stage.tell({ kind: 'fatal', why: 'Framework has been removed', remedy: 'remove the state file' });
    await stage.pass(60_000);

    expect(loop.ends).toEqual([
      { kind: 'fatal', why: 'Framework has been removed', remedy: 'remove the state file' },
    ]);
  });

  it('ends when it is subscribed as another framework than the one its tasks belong to', async () => {
    const stage = aStage();
    stage.disk = { frameworkId: 'fw-0', nextSerial: 1, intents: [], wishes: noWishes };
    const loop = await aLoop(stage, aPlanner(() => aPlan([])).planner);

    await stage.tell(subscribed);
    await stage.pass(10);

    expect(loop.ends).toMatchObject([{ kind: 'fatal', why: /fw-1.*fw-0/ }]);
    expect(stage.disk.frameworkId).toBe('fw-0');
  });

  it('stops: nothing is begun any more, and the connection is closed', async () => {
    const stage = aStage();
    const { planner, shown } = aPlanner(() => aPlan([]));
    const loop = await aLoop(stage, planner);
    await stage.pass(100);

    await loop.stop();
    const plans = shown.length;
    await stage.pass(60_000);

    expect(shown).toHaveLength(plans);
    expect(stage.calls).toEqual(['close']);
    expect(loop.ends).toEqual([{ kind: 'stopped' }]);
  });

  it('does not start on a state that cannot be read', async () => {
    const stage = aStage();
    const state = { ...stage.state, load: () => Promise.reject(new Error('state.json: garbled')) };
    const loop = createLoop({ ...stage, ...surroundings, state, planner: aPlanner(() => aPlan([])).planner });

    await expect(loop.start()).rejects.toThrow('garbled');
  });
});

function aStatus({ taskId, agentId, uuid }: { taskId: string; agentId: string; uuid: string }): StatusFacts {
  const ackToken = { taskId, agentId, uuid };
  const said = { state: 'TASK_RUNNING', reason: null, source: 'executor', message: '' } as const;
  return {
    ...said,
    taskId,
    agentId,
    healthy: true,
    stage: 'answering',
    momName: 'n1',
    trusted: null,
    addresses: [],
    ackToken,
  };
}
