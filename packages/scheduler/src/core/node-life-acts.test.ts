/** Plays the first two tables of `docs/node-life.md`: what the planner does in each phase, and with each trouble. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Decision } from './decisions.ts';
import type { NodeHistory, Intent, NodeStateWord, Snapshot, TaskFacts } from './facts.ts';
import type { Phase, Trouble } from './nodes.ts';
import { plan } from './plan.ts';
import { survey } from './survey.ts';
import {
  anIntent,
  aNode,
  aPolicy,
  aRunningJob,
  aSnapshot,
  aStartingTask,
  aTask,
  ourNode,
  storyMs,
  unknown,
} from './testing/builders.ts';

const hold = anIntent('n1', { launchedAtMs: storyMs - 10_000 });
const drain: Intent = { ...hold, goal: { kind: 'drain', sinceMs: storyMs - 5_000, why: 'idle' } };
const justNow: Intent = { ...hold, goal: { kind: 'drain', sinceMs: storyMs + 1, why: 'idle' } };
const leave: Intent = { ...hold, goal: { kind: 'leave', sinceMs: storyMs - 5_000, why: 'idle' } };
const suppressed = { mesos: { suppressed: true } };

function given(
  intent: Intent,
  task: Partial<TaskFacts> | null,
  states: readonly NodeStateWord[] | null,
  parts: Parameters<typeof aSnapshot>[0] = {},
): Snapshot {
  return aSnapshot({
    intents: [intent],
    tasks: task === null ? [] : [aTask(intent, task)],
    nodes: states === null ? [] : [ourNode(intent, { states })],
    ...suppressed,
    ...parts,
  });
}

/** What each act is called in the tables. */
const words: Readonly<Record<string, RegExp>> = {
  'create-node': /`create node`/,
  'start-mom': /START_MOM/,
  offline: /`pbsnodes -o`|offline →|drains|gives (it )?up/,
  online: /cleared again/,
  'delete-node': /`delete node`|deletes when/,
  'kill-task': /KILL|kills the task|gives (it )?up/,
  forget: /forgets?/,
};

/** How it is said that nothing is done, always or for the time being. */
const patience = /\b(waits|lets jobs run|keeps|never|until|unless)\b/;

function table(head: string): ReadonlyMap<string, string> {
  const text = readFileSync(new URL('../../../../docs/node-life.md', import.meta.url), 'utf8');
  const from = text.indexOf(head);
  expect(from, `docs/node-life.md has a table that begins with ${head}`).toBeGreaterThan(-1);
  const lines = text.slice(from).split('\n');
  const rows = lines.slice(2, lines.indexOf('')).map((row) => row.split('|').map((cell) => cell.trim()));
  return new Map(rows.map((cells) => [cells[1] ?? '', cells.at(-2) ?? '']));
}

/** What is decided about the node; offers are none of its business. */
function acts(snapshot: Snapshot): readonly Decision['kind'][] {
  return plan(snapshot, aPolicy({ idleMs: 60_000 }))
    .decisions.map(({ kind }) => kind)
    .filter((kind) => kind !== 'suppress' && kind !== 'revive');
}

interface Case<T extends string> {
  readonly what: T;
  readonly because: string;
  readonly snapshot: Snapshot;
  readonly act: Decision['kind'] | null;
}

const one = <T extends string>(
  what: T,
  because: string,
  act: Decision['kind'] | null,
  snapshot: Snapshot,
): Case<T> => ({ what, because, act, snapshot });

const starting = aStartingTask(hold);
const idle = { idleSinceMs: { n1: storyMs - 60_000 } };
const busy = { jobs: [aRunningJob(7, 'n1')] };
const seldom = { launchedAtMs: storyMs - 120_000 };
const late = { sinceMs: storyMs - 120_000, aliveSinceMs: storyMs - 120_000 };
const history = (parts: Partial<NodeHistory>): Pick<Snapshot, 'history'> => ({
  history: { [hold.taskId]: { absentSinceMs: null, upAtMs: null, unwellSinceMs: null, ...parts } },
});
const longUnwell = history({ upAtMs: 0, unwellSinceMs: storyMs - 240_000 });
const missedOnce = history({ absentSinceMs: storyMs });

const phaseCases: readonly Case<Phase>[] = [
  one('launching', 'no word yet', 'create-node', given(hold, null, null)),
  one('launching', 'no word yet, and it is created', null, given(hold, null, ['mom-list-not-sent'])),
  one('launching', 'no word for too long', 'kill-task', given({ ...hold, ...seldom }, null, null)),
  one('starting', 'the mom is prepared', 'create-node', given(hold, starting, null)),
  one('starting', 'no host list yet', null, given(hold, starting, ['down', 'mom-list-not-sent'])),
  one('starting', 'for too long', 'offline', given(hold, { ...starting, ...late }, ['mom-list-not-sent'])),
  one('registering', 'the host list was sent', 'start-mom', given(hold, starting, ['down'])),
  one('registering', 'the mom was told', null, given(hold, { ...starting, stage: 'started' }, ['down'])),
  one('registering', 'for too long', 'offline', given(hold, { ...starting, ...late }, ['down'])),
  one('registering', 'it was up before', null, given(hold, late, ['down'], history({ upAtMs: 0 }))),
  one('up', 'it has a job', null, given(hold, {}, ['free'], { ...idle, ...busy })),
  one('up', 'it is idle', 'offline', given(hold, {}, ['free'], idle)),
  one('draining', 'not seen offline', 'offline', given(drain, {}, ['free'])),
  one('draining', 'its job is to end', null, given(drain, {}, ['offline'], busy)),
  one('draining', 'offline without jobs', 'delete-node', given(drain, {}, ['offline'])),
  one('draining', 'on a reading from before', null, given(justNow, {}, ['offline'])),
  one('leaving', 'the node remains', 'delete-node', given(leave, {}, ['offline'])),
  one('leaving', 'the node is gone', 'kill-task', given(leave, {}, null)),
  one('leaving', 'qstat shows a job there', null, given(leave, {}, null, busy)),
  one('suspect', 'see the troubles', null, given(hold, { state: 'TASK_UNREACHABLE' }, ['free'])),
  one('gone', 'nothing is left', 'forget', given(leave, { state: 'TASK_KILLED' }, null)),
];

const failed = { state: 'TASK_FAILED' } as const;
const deadWithJobs = (...more: readonly NodeStateWord[]): Parameters<typeof aSnapshot>[0] => ({
  nodes: [ourNode(hold, { states: ['down', ...more], jobs: [{ jobId: '7.head', slots: 1 }] })],
});
const taken = { nodes: [aNode('n1')] };

const troubleCases: readonly Case<Trouble>[] = [
  one('unreachable', 'idle or not', null, given(hold, { state: 'TASK_UNREACHABLE' }, ['free'], idle)),
  one('unhealthy', 'idle or not', null, given(hold, { healthy: false }, ['free'], idle)),
  one('unhealthy', 'for too long', 'offline', given(hold, { healthy: false }, ['free'], longUnwell)),
  one('ended', 'without jobs', 'offline', given(hold, failed, ['free'])),
  one('ended', 'with jobs', 'offline', given(hold, failed, ['down'], deadWithJobs())),
  one('ended', 'with jobs, offline', null, given(drain, failed, ['down'], deadWithJobs('offline'))),
  one('vanished', 'without jobs', 'kill-task', given(hold, {}, null)),
  one('vanished', 'missed by one reading', null, given(hold, {}, null, missedOnce)),
  one('vanished', 'with jobs', null, given(hold, {}, null, busy)),
  one('down', 'after it was up', null, given(hold, { sinceMs: 0 }, ['down'], idle)),
  one('down', 'for too long', 'offline', given(hold, {}, ['down'], longUnwell)),
  one('offline-by-others', 'idle or not', null, given(hold, {}, ['offline'], idle)),
  one('being-killed', 'not by us', null, given(hold, { state: 'TASK_KILLING' }, ['free'], idle)),
  one('name-taken', 'its mom never started', 'kill-task', given(hold, starting, null, taken)),
  one('name-taken', 'its mom runs', null, given(hold, {}, null, taken)),
  one('name-differs', 'before it has a node', 'kill-task', given(hold, { momName: 'n2' }, null)),
  one('name-differs', 'with a node', 'offline', given(hold, { momName: 'n2' }, ['down'])),
  one('not-read', 'whatever the rest says', null, given(hold, {}, ['free'], { ...idle, tasks: unknown() })),
  one('contradictory', 'a later Mesos', null, given(hold, { state: 'UNRECOGNIZED' }, ['free'], idle)),
];

/** Named in full, so that the compiler asks for a new one to be told here and in the document. */
const allPhases: Readonly<Record<Phase, true>> = {
  launching: true,
  starting: true,
  registering: true,
  up: true,
  draining: true,
  leaving: true,
  suspect: true,
  gone: true,
};

const allTroubles: Readonly<Record<Trouble, true>> = {
  unreachable: true,
  unhealthy: true,
  ended: true,
  vanished: true,
  down: true,
  'offline-by-others': true,
  'being-killed': true,
  'name-taken': true,
  'name-differs': true,
  'not-read': true,
  contradictory: true,
};

describe.each([
  ['| phase |', Object.keys(allPhases), phaseCases],
  ['| trouble |', Object.keys(allTroubles), troubleCases],
] as const)('the table %s', (head, all, cases) => {
  test('has a row for each, and each is played', () => {
    expect([...table(head).keys()].sort()).toEqual([...all].sort());
    expect([...new Set<string>(cases.map(({ what }) => what))].sort()).toEqual([...all].sort());
  });

  test.each(cases.map((story) => [story.what, story.because, story] as const))(
    '%s: %s',
    (what, _because, { snapshot, act }) => {
      const [node] = survey(snapshot, aPolicy()).ours;
      expect(node?.phase === 'suspect' && head === '| trouble |' ? node.trouble : node?.phase).toBe(what);
      expect(acts(snapshot)).toEqual(act === null ? [] : [act]);
      const told = table(head).get(what);
      if (told === 'see below') return;
      expect(told).toMatch(act === null ? patience : words[act]!);
    },
  );
});
