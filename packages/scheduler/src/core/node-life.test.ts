/** Plays every (phase × event) cell of the table in `docs/node-life.md`. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Goal, NodeStateWord, Snapshot, TaskFacts, TorqueNode } from './facts.ts';
import type { Phase } from './nodes.ts';
import { survey } from './survey.ts';
import {
  anIntent,
  aPolicy,
  aSnapshot,
  aStartingTask,
  aTask,
  ourNode,
  stale,
  storyMs,
  unknown,
} from './testing/builders.ts';

const phases = [
  'launching',
  'starting',
  'registering',
  'up',
  'draining',
  'leaving',
  'suspect',
  'gone',
] as const;

/** One node's evidence, which events change. */
interface Life {
  readonly goal: Goal;
  readonly task: Partial<TaskFacts> | null;
  readonly node: { readonly states: readonly NodeStateWord[]; readonly jobs?: TorqueNode['jobs'] } | null;
  readonly readings: 'fresh' | 'nodes-stale' | 'never-read';
}

const hold: Goal = { kind: 'hold' };
const drain: Goal = { kind: 'drain', sinceMs: storyMs - 5_000, why: 'idle' };
const leave: Goal = { kind: 'leave', sinceMs: storyMs - 5_000, why: 'idle' };
const starting: Partial<TaskFacts> = { state: 'TASK_STARTING', stage: 'prepared', healthy: null };
const running: Partial<TaskFacts> = { state: 'TASK_RUNNING', stage: 'answering', healthy: true };
const killed: Partial<TaskFacts> = { state: 'TASK_KILLED', stage: 'stopped', healthy: null };
const life = (goal: Goal, task: Life['task'], states: readonly NodeStateWord[] | null): Life => ({
  goal,
  task,
  node: states === null ? null : { states },
  readings: 'fresh',
});

/** A typical node of each phase. The suspect one was set offline by an administrator. */
const typical: Readonly<Record<Phase, Life>> = {
  launching: life(hold, null, null),
  starting: life(hold, starting, ['down', 'offline', 'mom-list-not-sent']),
  registering: life(hold, { ...starting, stage: 'started' }, ['down']),
  up: life(hold, running, ['free']),
  draining: life(drain, running, ['offline']),
  leaving: life(leave, running, ['offline']),
  suspect: life(hold, running, ['offline']),
  gone: life(leave, killed, null),
};

const task =
  (change: Partial<TaskFacts>) =>
  (before: Life): Life => ({ ...before, task: { ...before.task, ...change } });
const states =
  (...all: readonly NodeStateWord[]) =>
  (before: Life): Life => ({ ...before, node: { states: all } });
const with_ =
  (change: Partial<Life>) =>
  (before: Life): Life => ({ ...before, ...change });
const both =
  (...steps: readonly ((before: Life) => Life)[]) =>
  (before: Life): Life =>
    steps.reduce((now, step) => step(now), before);
const offlineToo =
  (word: NodeStateWord) =>
  (before: Life): Life => {
    const isOffline = before.node?.states.includes('offline') === true && before.goal.kind !== 'hold';
    return {
      ...before,
      node: { states: isOffline || before === typical.suspect ? [word, 'offline'] : [word] },
    };
  };

const events: Readonly<Record<string, (before: Life) => Life>> = {
  'executor starts': task(starting),
  'node is created': states('down', 'offline', 'mom-list-not-sent'),
  'host list is sent': states('down'),
  'mom answers, node turns free': both(task(running), (before) =>
    before.goal.kind === 'hold' ? states('free')(before) : states('offline')(before),
  ),
  'drain is ordered': with_({ goal: drain }),
  'drain is taken back': both(with_({ goal: hold }), states('free')),
  'node is seen offline, removal is ordered': with_({ goal: leave }),
  'node is deleted by us': with_({ goal: leave, node: null }),
  'node is deleted by others': with_({ node: null }),
  'task ends, node remains': task({ state: 'TASK_FAILED' }),
  'task ends, no node': both(task({ state: 'TASK_FAILED' }), with_({ node: null })),
  'task ends with jobs on the node': (before) => ({
    ...before,
    task: { ...before.task, state: 'TASK_LOST' },
    node: { states: before.node?.states ?? ['down'], jobs: [{ jobId: '1.head', slots: 1 }] },
  }),
  'agent is unreachable': task({ state: 'TASK_UNREACHABLE' }),
  'mom is unhealthy': task({ healthy: false }),
  'node turns down for a moment': offlineToo('down'),
  'node is down long after its task ran': both(
    offlineToo('down'),
    task({ state: 'TASK_RUNNING', sinceMs: 0, aliveSinceMs: 0 }),
  ),
  'others set it offline': (before) =>
    states(...new Set<NodeStateWord>([...(before.node?.states ?? []), 'offline']))(before),
  'others clear its offline mark': states('free'),
  'Mesos kills the task': task({ state: 'TASK_KILLING' }),
  'pbsnodes cannot be read any more': with_({ readings: 'nodes-stale' }),
  'scheduler restarts, nothing read yet': with_({ readings: 'never-read' }),
};

function phaseOf({ goal, task: said, node: seen, readings }: Life): Phase {
  const intent = anIntent('n1', { goal, launchedAtMs: storyMs - 10_000 });
  const facts = said === null ? [] : [{ ...aStartingTask(intent), ...aTask(intent), ...said }];
  const nodes = seen === null ? [] : [ourNode(intent, seen)];
  const read: Record<Life['readings'], Pick<Snapshot, 'nodes' | 'tasks'> | object> = {
    fresh: { nodes, tasks: facts },
    'nodes-stale': { nodes: stale(nodes), tasks: facts },
    'never-read': { nodes: unknown(), tasks: unknown() },
  };
  const [derived] = survey(aSnapshot({ intents: [intent], ...read[readings] }), aPolicy()).ours;
  return derived!.phase;
}

/** Rows of the events' table: the event, then one cell for each phase. */
function table(): readonly { readonly event: string; readonly cells: readonly string[] }[] {
  const text = readFileSync(new URL('../../../../docs/node-life.md', import.meta.url), 'utf8');
  const rows = text
    .slice(text.indexOf('| event |'))
    .split('\n')
    .filter((row) => row.startsWith('|'));
  return rows.slice(2).map((row) => {
    const [, event = '', ...cells] = row.split('|').map((cell) => cell.trim());
    return { event, cells: cells.slice(0, phases.length) };
  });
}

test('the typical node of each phase is in that phase', () => {
  for (const phase of phases) expect(phaseOf(typical[phase])).toBe(phase);
});

test('the table has a row for every event and a cell for every phase', () => {
  expect(table().map(({ event }) => event)).toEqual(Object.keys(events));
  for (const { cells } of table()) expect(cells).toHaveLength(phases.length);
});

describe.each(table())('$event', ({ event, cells }) => {
  const possible = phases.flatMap((phase, index) =>
    cells[index] === '–' ? [] : [[phase, cells[index]] as const],
  );
  test.each(possible)('%s: %s', (phase, expected) => {
    const after = phaseOf(events[event]!(typical[phase]));
    expect(after).toBe(expected === 'stays' ? phase : expected);
  });
});
