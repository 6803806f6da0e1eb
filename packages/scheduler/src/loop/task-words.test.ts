import { describe, expect, it } from 'vitest';
import { anIntent, storyMs } from '../core/testing/builders.ts';
import { freshMemory, toSnapshot, type Memory } from './memory.ts';
import type { StatusFacts } from './ports.ts';
import {
  agentReturnTimeMsMax,
  askedAgain,
  disconnected,
  executorNotRun,
  launchRefused,
  missingTasks,
  statusSeen,
  subscribed,
} from './task-words.ts';
import { noWishes } from '../core/wishes.ts';

const intent = anIntent('n1');
const { taskId } = intent;

function aStatus(parts: Partial<StatusFacts> = {}): StatusFacts {
  return {
    taskId,
    agentId: 'a1',
    state: 'TASK_RUNNING',
    reason: null,
    source: 'executor',
    message: '',
    healthy: true,
    stage: 'answering',
    momName: 'n1',
    trusted: null,
    addresses: [],
    ackToken: null,
    ...parts,
  };
}

/** As Mesos answers to RECONCILE: without the executor's report. */
function anAnswer(state: StatusFacts['state'], parts: Partial<StatusFacts> = {}): StatusFacts {
  const bare = { reason: 'RECONCILIATION', source: 'master', stage: 'unknown', momName: null } as const;
  return aStatus({ ...bare, state, healthy: null, ...parts });
}

const restarted = freshMemory({ frameworkId: 'f', nextSerial: 2, intents: [intent], wishes: noWishes });
const connected = subscribed(restarted, storyMs);
const running = statusSeen(connected, aStatus(), storyMs);
const about = (memory: Memory): unknown => memory.tasks.get(taskId);

describe('the account', () => {
  it('is open after a start until every task was heard of', () => {
    expect(toSnapshot(restarted, storyMs).tasks.state).toBe('unknown');
    expect(missingTasks(connected)).toEqual([intent]);
    expect(toSnapshot(connected, storyMs).tasks.state).toBe('unknown');
    expect(toSnapshot(running, storyMs).tasks.state).toBe('fresh');
  });

  it('says what is missing, and how often it was asked for', () => {
    const { tasks } = toSnapshot(askedAgain(connected), storyMs);

    expect(tasks).toMatchObject({
      why: `Mesos has not said yet how task ${taskId} fares; asked 1 times since it was reached`,
    });
  });

  it('is closed at once when there is nothing to ask', () => {
    expect(toSnapshot(subscribed(freshMemory(null), storyMs), storyMs).tasks.state).toBe('fresh');
  });

  it('opens again with each disconnection: what was known is stale until all are heard of', () => {
    const away = disconnected(running, 'connection reset');
    const back = subscribed(away, storyMs + 1000);

    expect(toSnapshot(away, storyMs).tasks).toMatchObject({ state: 'stale', why: /connection reset/ });
    expect(toSnapshot(back, storyMs).tasks.state).toBe('stale');
    expect(toSnapshot(statusSeen(back, anAnswer('TASK_RUNNING'), storyMs), storyMs).tasks.state).toBe(
      'fresh',
    );
  });
});

describe('words about a task', () => {
  it('an answer without a report keeps the report that was known', () => {
    const answered = statusSeen(running, anAnswer('TASK_RUNNING'), storyMs + 500);

    expect(about(answered)).toMatchObject({
      stage: 'answering',
      momName: 'n1',
      healthy: true,
      sinceMs: storyMs,
    });
  });

  it('after a restart, a running task has a mom that answers under the name that was planned', () => {
    expect(about(statusSeen(connected, anAnswer('TASK_RUNNING'), storyMs))).toMatchObject({
      stage: 'answering',
      momName: 'n1',
    });
    expect(about(statusSeen(connected, anAnswer('TASK_STARTING'), storyMs))).toMatchObject({
      stage: 'prepared',
      momName: 'n1',
    });
  });

  it('the end is not the last word: an agent that comes back says TASK_RUNNING', () => {
    const lost = statusSeen(running, aStatus({ state: 'TASK_LOST' }), storyMs);

    expect(about(statusSeen(lost, aStatus(), storyMs))).toMatchObject({ state: 'TASK_RUNNING' });
  });

  it('a repeated launch that is refused is not the end of the task that runs', () => {
    const duplicate = aStatus({ state: 'TASK_ERROR', message: `Task has duplicate ID: ${taskId}` });
    const usedOffer = aStatus({ state: 'TASK_DROPPED', reason: 'INVALID_OFFERS' });

    expect(statusSeen(running, duplicate, storyMs)).toBe(running);
    expect(statusSeen(running, usedOffer, storyMs)).toBe(running);
  });

  it('an offer that was gone is the end of a launch', () => {
    const dropped = statusSeen(
      connected,
      aStatus({ state: 'TASK_DROPPED', reason: 'INVALID_OFFERS' }),
      storyMs,
    );

    expect(about(dropped)).toMatchObject({ state: 'TASK_DROPPED' });
  });

  it('an update that was sent again does not make a running mom start', () => {
    const again = statusSeen(running, aStatus({ state: 'TASK_STARTING', stage: 'prepared' }), storyMs);

    expect(about(again)).toMatchObject({ state: 'TASK_RUNNING' });
  });

  it('a task without an intent is remembered as long as it lives', () => {
    const living = statusSeen(connected, aStatus({ taskId: 'mom.n9.9' }), storyMs);

    expect(living.tasks.has('mom.n9.9')).toBe(true);
    expect(statusSeen(living, anAnswer('TASK_GONE', { taskId: 'mom.n9.9' }), storyMs).tasks.size).toBe(0);
  });

  it('a task whose agent the master does not know is out of sight, and ended only when the agent stays away', () => {
    const lost = statusSeen(running, anAnswer('TASK_UNKNOWN'), storyMs);
    const later = storyMs + agentReturnTimeMsMax;

    expect(about(lost)).toMatchObject({ state: 'TASK_UNREACHABLE', message: /does not know agent/ });
    expect(about(statusSeen(lost, anAnswer('TASK_UNKNOWN'), later - 1))).toMatchObject({
      state: 'TASK_UNREACHABLE',
    });
    expect(about(statusSeen(lost, anAnswer('TASK_UNKNOWN'), later))).toMatchObject({ state: 'TASK_UNKNOWN' });
    expect(about(statusSeen(lost, anAnswer('TASK_GONE'), storyMs))).toMatchObject({ state: 'TASK_GONE' });
  });

  it('a launch that Mesos refused outright has ended, with the refusal as its message', () => {
    expect(about(launchRefused(connected, intent, 'not subscribed', storyMs))).toMatchObject({
      state: 'TASK_DROPPED',
      message: 'not subscribed',
    });
  });
});

describe('an executor whose download was not what it should be', () => {
  const terminated = {
    reason: 'EXECUTOR_TERMINATED',
    message: 'Executor terminated',
    source: 'agent',
  } as const;

  it('gives its task one clear reason, whatever Mesos says of its end', () => {
    const lost = executorNotRun(connected, taskId, 'another file', storyMs);
    const ended = statusSeen(lost, aStatus({ state: 'TASK_FAILED', ...terminated }), storyMs);
    expect(about(ended)).toMatchObject({ state: 'TASK_FAILED', message: 'executor not run: another file' });
  });

  it('is no news of a task that was heard of, nor of tasks of others', () => {
    expect(executorNotRun(running, taskId, 'x', storyMs)).toBe(running);
    expect(executorNotRun(connected, 'theirs', 'x', storyMs)).toBe(connected);
  });
});
