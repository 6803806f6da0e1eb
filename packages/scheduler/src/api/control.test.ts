import { systemClock } from '@mesos-torque/common/clock.ts';
import { describe, expect, it } from 'vitest';
import { aControlStory, type ControlStory } from './testing/control-story.ts';
import { anybody, onSocket, type Caller } from './tokens.ts';

const scenario = `
policy minSlotsHeld=0 nodes=4
job 1 nodes=1:ppn=8 owner=ada
job 2 nodes=1:ppn=8 owner=bob
job 3 nodes=1:ppn=2 owner=ada state=held holds=u
job 7 state=running on=n1
node n1 np=2 phase=up jobs=7
static s1 np=2
offer a cpus=4
`;

const story = (text = scenario): ControlStory => aControlStory(text, systemClock);
const page = { pageSize: 0, pageToken: '', filter: '' };
const because = { who: 'ada', why: 'a new disk' };
const operator: Caller = { role: 'operator', name: 'olga' };

describe('lists', () => {
  it('come page by page, each entry once, with how many there are', async () => {
    const { control } = story();

    const first = await control.listJobs({ ...page, pageSize: 3 });
    const second = await control.listJobs({ ...page, pageSize: 3, pageToken: first.nextPageToken });

    expect([...first.jobs, ...second.jobs].map(({ id }) => id)).toEqual([
      '1.head',
      '2.head',
      '3.head',
      '7.head',
    ]);
    expect([first.totalSize, second.nextPageToken]).toEqual([4, '']);
  });

  it('go on rightly though the entry that the page ended with has gone', async () => {
    const told = story();
    const first = await told.control.listJobs({ ...page, pageSize: 2 });

    told.tell(scenario.replace(/^job 2.*\n/m, ''));
    const second = await told.control.listJobs({ ...page, pageToken: first.nextPageToken });

    expect(second.jobs.map(({ id }) => id)).toEqual(['3.head', '7.head']);
  });

  it.each([
    ['owner:ada', ['1.head', '3.head', '7.head']],
    ['verdict:waiting owner:bob', ['2.head']],
    ['-verdict:waiting', ['3.head', '7.head']],
    ['id:7', ['7.head']],
    ['code:job-*', ['3.head', '7.head']],
    ['held by the', ['3.head']],
  ])('hold what the filter %s lets through', async (filter, ids) => {
    const { jobs } = await story().control.listJobs({ ...page, filter });

    expect(jobs.map(({ id }) => id)).toEqual(ids);
  });

  it('refuse a field that there is not, and a token that was not given out', async () => {
    const { control } = story();

    await expect(control.listJobs({ ...page, filter: 'colour:red' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'FILTER_INVALID',
    });
    await expect(control.listNodes({ ...page, pageToken: 'x' })).rejects.toMatchObject({
      reason: 'PAGE_TOKEN_INVALID',
    });
  });

  it('tell nodes, offers and tasks with what is behind them', async () => {
    const { control } = story();

    const { nodes } = await control.listNodes({ ...page, filter: 'phase:up' });
    const { offers } = await control.listOffers(page);
    const { tasks } = await control.listTasks(page);

    expect(nodes).toMatchObject([
      { name: 'n1', agentId: 'agent-of-n1', slotsUsed: 1, taskState: 'TASK_RUNNING' },
    ]);
    expect(offers).toMatchObject([{ host: 'a', verdict: 'declined', resources: { cpuMilli: 4000n } }]);
    expect(tasks).toMatchObject([{ node: 'n1', goal: 'hold', resources: { nodes: 1 } }]);
  });

  it('tell the journal newest first', async () => {
    const { control, ring } = story();
    ring.append({ atMs: 1, event: 'node created', node: 'n1' });
    ring.append({ atMs: 2, event: 'node deleted', node: 'n1' });

    const first = await control.listDecisions({ ...page, beforeMs: 0n, pageSize: 1 });
    const second = await control.listDecisions({
      ...page,
      beforeMs: 0n,
      pageSize: 1,
      pageToken: first.nextPageToken,
    });

    expect([first.entries[0]?.event, second.entries[0]?.event]).toEqual(['node deleted', 'node created']);
  });
});

describe('the status', () => {
  it('counts what it leaves out', async () => {
    const status = await story().control.getStatus({ summary: true });

    expect(status.jobs).toEqual([]);
    expect(status).toMatchObject({
      jobsByVerdict: { waiting: 2, 'not-demand': 2 },
      jobsByState: { queued: 2, held: 1, running: 1 },
      jobsByReason: { 'short-cpus': 2 },
      nodesByPhase: { up: 1, static: 1 },
      safeAllocation: { nodes: 4 },
    });
  });
});

describe('an operator', () => {
  it('holds growth, and all is told who does and why', async () => {
    const told = story(scenario.replace('cpus=4', 'cpus=16'));

    await told.control.holdGrowth(because, onSocket);
    const status = await told.control.getStatus({ summary: false });

    expect(status.growthHeld).toMatchObject(because);
    expect(status.jobs[0]?.why).toBe('growth is held by ada ("a new disk"): nothing is launched');
    expect(told.ring.entries().at(-1)).toMatchObject({ event: 'growth held', why: 'ada: a new disk' });

    await told.control.releaseGrowth({ who: 'bob', why: 'done' }, onSocket);
    expect(told.wishes().growthHeld).toBeNull();
  });

  it('drains a node until a deadline, and takes that back', async () => {
    const told = story();
    const target = { $case: 'node', value: 'N1' } as const;

    const answer = await told.control.drain(
      { ...because, target, deadlineAfterMs: 60_000n, force: false },
      onSocket,
    );
    expect(answer).toMatchObject({ nodes: ['n1'], drain: { node: 'n1', who: 'ada' } });
    const { nodes } = await told.control.listNodes({ ...page, filter: 'name:n1' });
    expect(nodes[0]).toMatchObject({ why: 'drained by ada ("a new disk")', drain: { why: 'a new disk' } });

    await told.control.undrain({ ...because, target }, onSocket);
    expect(told.wishes().drains).toEqual([]);
  });

  it('sets how many nodes are held within what is configured', async () => {
    const told = story();
    const set = { ...because, minNodes: undefined, maxNodes: undefined, reset: false };

    expect(await told.control.setPolicy({ ...set, minNodes: 1, maxNodes: 3 }, onSocket)).toEqual({
      minNodes: 1,
      maxNodes: 3,
    });
    expect(
      told.control.getSettings().settings.filter(({ value, configured }) => value !== configured),
    ).toMatchObject([
      { name: 'policy.minSlotsHeld', value: '1 node', configured: '0 nodes' },
      { name: 'policy.safeAllocation.nodes', value: '3 nodes', configured: '4 nodes' },
    ]);
    await expect(told.control.setPolicy({ ...set, maxNodes: 5 }, onSocket)).rejects.toMatchObject({
      code: 'OUT_OF_RANGE',
    });
    await expect(told.control.setPolicy({ ...set, minNodes: 4 }, onSocket)).rejects.toMatchObject({
      code: 'OUT_OF_RANGE',
    });
    expect(await told.control.setPolicy({ ...set, reset: true }, onSocket)).toEqual({
      minNodes: 0,
      maxNodes: 4,
    });
  });

  it('is asked for the reason, and is not told that it is done when it could not be saved', async () => {
    const told = story();

    await expect(told.control.holdGrowth({ who: 'ada', why: ' ' }, onSocket)).rejects.toMatchObject({
      reason: 'WHY_MISSING',
    });
    await expect(told.control.holdGrowth({ who: '', why: 'x' }, onSocket)).rejects.toMatchObject({
      reason: 'WHO_MISSING',
    });
    told.breakDisk();
    await expect(told.control.holdGrowth(because, onSocket)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'NOT_SAVED',
    });
    expect(told.ring.entries()).toEqual([]);
  });

  it.each([
    ['a node of the administrator', { $case: 'node', value: 's1' }, 'FAILED_PRECONDITION'],
    ['a node that there is not', { $case: 'node', value: 'n9' }, 'NOT_FOUND'],
    ['an agent that there is not', { $case: 'agentId', value: 'a9' }, 'NOT_FOUND'],
    ['nothing', undefined, 'INVALID_ARGUMENT'],
  ] as const)('cannot drain %s', async (_what, target, code) => {
    const request = { ...because, target, deadlineAfterMs: 0n, force: false };

    await expect(story().control.drain(request, onSocket)).rejects.toMatchObject({ code });
  });

  it('goes by the name of the token, and ends no jobs by force', async () => {
    const told = story();
    const target = { $case: 'node', value: 'n1' } as const;

    await told.control.holdGrowth(because, operator);
    expect(told.wishes().growthHeld?.who).toBe('olga');
    await expect(
      told.control.drain({ ...because, target, deadlineAfterMs: 1n, force: true }, operator),
    ).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    await expect(told.control.holdGrowth(because, anybody)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });

  it('changes the log level, if it is one', () => {
    const told = story();

    expect(told.control.setLogLevel({ ...because, level: 'debug' }, onSocket)).toEqual({
      levelBefore: 'info',
    });
    expect(() => told.control.setLogLevel({ ...because, level: 'loud' }, onSocket)).toThrow(
      '"loud" is none of',
    );
    expect(() => told.control.setLogLevel({ ...because, level: 'info' }, operator)).toThrow(
      'takes the role admin',
    );
  });
});

describe('without a plan', () => {
  it('lists are unavailable, and the status says so', async () => {
    const told = story();
    told.feed.attach(null);

    await expect(told.control.listJobs(page)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(told.control.holdGrowth(because, onSocket)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await told.control.getStatus({ summary: true })).queueReading?.state).toBe('unknown');
  });
});
