import { describe, expect, test } from 'vitest';
import type { Snapshot } from './facts.ts';
import { requestIdOf } from './names.ts';
import { repairPlan, type Repair } from './repair.ts';
import {
  aNode,
  anIntent,
  anUpNode,
  aPolicy,
  aSnapshot,
  aTask,
  ourNode,
  stale,
  storyMs,
  together,
} from './testing/builders.ts';

const only = (snapshot: Snapshot): Repair => {
  const [first, ...more] = repairPlan(snapshot, aPolicy());
  expect(more).toEqual([]);
  return first ?? expect.fail('nothing to repair');
};
const past = { absentSinceMs: null, upAtMs: storyMs - 50_000, unwellSinceMs: null };

describe('the repair plan', () => {
  test('is empty while Mesos, TORQUE and we agree', () => {
    expect(
      repairPlan(
        aSnapshot({ ...together(anUpNode('a'), anUpNode('b', { intent: { serial: 2 } })) }),
        aPolicy(),
      ),
    ).toEqual([]);
  });

  test('a task without its node is shown at the first look, and killed at the second', () => {
    const intent = anIntent('a');
    const once = aSnapshot({
      intents: [intent],
      tasks: [aTask(intent)],
      history: { [intent.taskId]: { ...past, absentSinceMs: storyMs } },
    });
    const twice = { ...once, history: { [intent.taskId]: { ...past, absentSinceMs: storyMs - 10_000 } } };

    expect(only(once)).toMatchObject({
      difference: 'task-without-node',
      evidence: [
        'Mesos says that task mom.a.1 lives on agent agent-of-a (TASK_RUNNING)',
        'pbsnodes does not show its node',
        'we mean to hold it',
      ],
      when: { kind: 'waits', why: 'pbsnodes does not show a; looked for again before its task ends' },
    });
    expect(only(twice).when).toEqual({ kind: 'now', decision: 'kill-task' });
  });

  test('a node without its task goes offline first', () => {
    const snapshot = aSnapshot({ ...anUpNode('a', { task: { state: 'TASK_FAILED' } }) });

    expect(only(snapshot)).toMatchObject({
      difference: 'node-without-task',
      when: { kind: 'now', decision: 'offline' },
    });
  });

  test('with jobs shown on it, it stays until they are gone', () => {
    const jobs = [{ jobId: '7.head', slots: 1 }];
    const snapshot = aSnapshot({
      ...anUpNode('a', { task: { state: 'TASK_FAILED' }, node: { jobs, states: ['offline'] } }),
    });

    expect(only(snapshot)).toMatchObject({ difference: 'node-without-task', when: { kind: 'waits' } });
  });

  test('on a reading that failed it shows what it knew and does nothing', () => {
    const trio = anUpNode('a', { task: { state: 'TASK_FAILED' } });
    const repairs = repairPlan(aSnapshot({ ...trio, nodes: stale(trio.nodes) }), aPolicy());

    expect(repairs).toMatchObject([{ difference: 'node-without-task', when: { kind: 'waits' } }]);
  });

  test('a task that nothing speaks of', () => {
    const snapshot = aSnapshot({ tasks: [aTask(anIntent('a', { serial: 9 }))] });

    expect(only(snapshot)).toMatchObject({ difference: 'not-recorded', taskId: 'mom.a.9', node: 'a' });
  });

  test('a node with our mark that nothing speaks of is to be adopted', () => {
    const snapshot = aSnapshot({ nodes: [ourNode(anIntent('a', { serial: 9 }))] });

    expect(only(snapshot)).toMatchObject({
      difference: 'not-recorded',
      action: 'given an intent to drain: offline, looked at again, deleted without jobs',
      when: { kind: 'waits' },
    });
  });

  test.each([
    ['of another framework', { frameworkId: 'fw-2', taskId: 'mom.a.1' }],
    ['of a task of another node', { frameworkId: 'fw-1', taskId: 'mom.b.1' }],
  ])('a node with the mark %s is for a person', (_whose, owner) => {
    const node = aNode('a', { requestId: requestIdOf('mesos-torque', owner) });

    expect(only(aSnapshot({ nodes: [node] }))).toMatchObject({
      difference: 'other-owner',
      action: 'left alone',
      when: { kind: 'by-hand' },
    });
  });

  test('a mom that goes by another name than its node', () => {
    const snapshot = aSnapshot({ ...anUpNode('a', { task: { momName: 'b' } }) });

    expect(only(snapshot)).toMatchObject({
      difference: 'other-owner',
      when: { kind: 'now', decision: 'offline' },
    });
  });

  test('two tasks on one agent', () => {
    const [one, other] = [anUpNode('a'), anUpNode('b', { intent: { serial: 2, agentId: 'agent-of-a' } })];

    expect(only(aSnapshot({ ...together(one, other) }))).toMatchObject({
      difference: 'two-on-one-agent',
      taskId: 'mom.b.2',
      when: { kind: 'by-hand' },
    });
  });

  test('two names of one machine, because deleting one makes the other stay down', () => {
    const snapshot = aSnapshot({
      ...anUpNode('a', { node: { addresses: ['10.0.0.1'] } }),
    });
    const nodes = snapshot.nodes.state === 'fresh' ? snapshot.nodes.value : [];
    const other = aNode('a.example.org', { addresses: ['10.0.0.1'] });
    const both = aSnapshot({ ...anUpNode('a'), nodes: [...nodes, other] });

    expect(only(both)).toMatchObject({ difference: 'two-names', node: 'a.example.org' });
  });

  test('what the brake holds back says so', () => {
    const all = together(
      ...['a', 'b', 'c', 'd', 'e'].map((name, index) =>
        anUpNode(name, {
          intent: { serial: index + 1, launchedAtMs: storyMs - 3_600_000 },
          task: { state: 'TASK_GONE' },
        }),
      ),
    );
    const repairs = repairPlan(aSnapshot({ ...all }), aPolicy());

    expect(repairs).toHaveLength(5);
    for (const { when } of repairs)
      expect(when).toMatchObject({
        kind: 'waits',
        why: expect.stringContaining('its removal waits for brake-') as string,
      });
  });
});
