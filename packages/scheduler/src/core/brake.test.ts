import { describe, expect, test } from 'vitest';
import { checkPlan } from './check-plan.ts';
import type { Plan } from './decisions.ts';
import type { Intent, Snapshot, TaskStateName } from './facts.ts';
import { plan } from './plan.ts';
import { removalConfirmed } from './reasons-brake.ts';
import {
  aPolicy,
  anIntent,
  anUpNode,
  aSnapshot,
  aTask,
  fresh,
  ourNode,
  storyMs,
  together,
} from './testing/builders.ts';

const longAgoMs = storyMs - 900_000;
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Eight nodes that have stood for long, and pbsnodes shows these of them, for long enough. */
function aCluster(
  shown: readonly string[],
  parts: { readonly state?: TaskStateName; readonly told?: readonly string[] } = {},
): Snapshot {
  const { state = 'TASK_RUNNING', told = [] } = parts;
  const all = together(
    ...names.map((name, index) =>
      anUpNode(name, {
        intent: { serial: index + 1, launchedAtMs: longAgoMs },
        task: { sinceMs: longAgoMs, ...(told.includes(name) ? { state } : {}) },
      }),
    ),
  );
  return aSnapshot({
    ...all,
    nodes: all.nodes.filter(({ name }) => shown.includes(name)),
    history: Object.fromEntries(
      all.intents.map(({ taskId, nodeName }) => [
        taskId,
        {
          absentSinceMs: shown.includes(nodeName) ? null : storyMs - 60_000,
          upAtMs: longAgoMs,
          unwellSinceMs: shown.includes(nodeName) ? null : storyMs - 60_000,
        },
      ]),
    ),
  });
}

const removals = ({ decisions }: Plan): readonly string[] =>
  decisions.flatMap((one) => (one.kind === 'offline' || one.kind === 'kill-task' ? [one.taskId] : []));

describe('the brake', () => {
  test('a pbsnodes that lost most nodes ends none of their moms, and says by how much it is too many', () => {
    const made = plan(aCluster(['a', 'b']), aPolicy());

    expect(removals(made)).toEqual([]);
    expect(made.report.brake).toMatchObject({ affected: 6, standing: 8, allowed: 4 });
    expect(made.report.notices.map(({ text }) => text)).toEqual([
      expect.stringMatching(
        /^the answers would remove 6 of 8 nodes \(6 that pbsnodes does not show\), 4 may go at once: none of them is removed until the answers recover, or until brake-[0-9a-f]{8} is confirmed$/,
      ),
    ]);
    expect(made.report.nodes.find(({ node }) => node === 'c')?.why.code).toBe('braked');
  });

  test('up to the share they go, as one dead rack goes', () => {
    const made = plan(aCluster(['a', 'b', 'c', 'd']), aPolicy());

    expect(removals(made)).toEqual(['mom.e.5', 'mom.f.6', 'mom.g.7', 'mom.h.8']);
    expect(made.report.brake).toBeNull();
  });

  test('fewer nodes than brakeNodesMin are a small cluster and go, however large their share', () => {
    const made = plan(aCluster(['a', 'b']), aPolicy({ brakeNodesMin: 7 }));

    expect(removals(made)).toHaveLength(6);
  });

  test('it lets go by itself when the answers recover', () => {
    const made = plan(aCluster(names), aPolicy());

    expect(made.report.brake).toBeNull();
    expect(made.report.notices).toEqual([]);
  });

  test('a missing node counts while its agent is out of sight, too', () => {
    const cluster = aCluster(['a', 'b'], { state: 'TASK_UNREACHABLE', told: ['c', 'd', 'e'] });
    const made = plan(cluster, aPolicy());

    expect(removals(made)).toEqual([]);
    expect(made.report.brake).toMatchObject({ affected: 6, standing: 8 });
  });

  test('a task that ends while pbsnodes shows too few is not forgotten, or the others would go for want of it', () => {
    const cluster = aCluster(['a', 'b', 'c'], { state: 'TASK_FAILED', told: ['h'] });
    const { decisions, report } = plan(cluster, aPolicy());

    expect(decisions.filter(({ kind }) => kind === 'kill-task' || kind === 'forget')).toEqual([]);
    expect(report.brake).toMatchObject({ affected: 5, standing: 8, allowed: 4 });
    expect(report.nodes.find(({ node }) => node === 'h')?.why.code).toBe('braked');
  });

  test('a launch that was given up and has ended makes the cluster no larger', () => {
    const goal = {
      kind: 'drain',
      sinceMs: storyMs - 1000,
      why: 'gave up: creating the node was refused',
    } as const;
    const ended = [91, 92].map((serial) =>
      anIntent(`x${serial}`, { serial, launchedAtMs: storyMs - 60_000, goal }),
    );
    const cluster = aCluster(['a', 'b', 'c']);
    const before = cluster.tasks.state === 'fresh' ? cluster.tasks.value : [];
    const killed = ended.map((intent) => aTask(intent, { state: 'TASK_KILLED', stage: 'stopped' }));
    const tasks = fresh([...before, ...killed]);
    const made = plan({ ...cluster, intents: [...cluster.intents, ...ended], tasks }, aPolicy());

    expect(removals(made)).toEqual([]);
    expect(made.report.brake).toMatchObject({ affected: 5, standing: 8, allowed: 4 });
  });

  test('what we deleted ourselves is forgotten however many there are', () => {
    const goal = { kind: 'leave', sinceMs: storyMs - 1000, why: 'idle for 120 s' } as const;
    const cluster = aCluster([], { state: 'TASK_KILLED', told: names });
    const intents = cluster.intents.map((intent) => ({ ...intent, goal }));
    const { decisions } = plan({ ...cluster, intents }, aPolicy());

    expect(decisions.filter(({ kind }) => kind === 'forget')).toHaveLength(8);
  });

  test('what one missed look would remove is not loud before the second', () => {
    const cluster = aCluster(['a', 'b']);
    const once = Object.fromEntries(
      Object.entries(cluster.history).map(([id, past]) => [id, { ...past, absentSinceMs: storyMs }]),
    );
    const made = plan({ ...cluster, history: once }, aPolicy());

    expect(removals(made)).toEqual([]);
    expect(made.report.brake).toBeNull();
  });

  test.each(['TASK_LOST', 'TASK_GONE', 'TASK_UNKNOWN', 'TASK_DROPPED'] as const)(
    'a master that calls most tasks %s is not taken at its word',
    (state) => {
      const made = plan(aCluster(names, { state, told: ['c', 'd', 'e', 'f', 'g'] }), aPolicy());

      expect(removals(made)).toEqual([]);
      expect(made.report.brake?.stopped.map(({ cause }) => cause)).toEqual(Array(5).fill('task-gone'));
    },
  );

  test.each(['TASK_FAILED', 'TASK_GONE_BY_OPERATOR'] as const)(
    'ends that are told task by task (%s) are believed, as after a power cut',
    (state) => {
      const made = plan(aCluster(names, { state, told: ['c', 'd', 'e', 'f', 'g'] }), aPolicy());

      expect(removals(made)).toHaveLength(5);
    },
  );

  test('nodes that went a moment ago for the same cause count too: many small steps are one large one', () => {
    const cluster = aCluster(names, { state: 'TASK_LOST', told: ['a', 'b', 'c', 'd', 'e'] });
    const begun = (intent: Intent): Intent =>
      ['a', 'b', 'c', 'd'].includes(intent.nodeName)
        ? { ...intent, goal: { kind: 'drain', sinceMs: storyMs - 1000, why: 'gave up: its task ended' } }
        : intent;
    const made = plan({ ...cluster, intents: cluster.intents.map(begun) }, aPolicy());

    expect(made.report.brake).toMatchObject({ affected: 5, stopped: [{ node: 'e' }] });
    // What was begun under the limit goes on.
    expect(removals(made)).toEqual(['mom.a.1', 'mom.b.2', 'mom.c.3', 'mom.d.4']);
  });

  test('idle nodes are drained however many they are', () => {
    const cluster = aCluster(names);
    const idleSinceMs = Object.fromEntries(names.map((name) => [name, longAgoMs]));
    const made = plan({ ...cluster, idleSinceMs }, aPolicy());

    expect(removals(made)).toHaveLength(8);
  });

  test('launches that never came up are given up however many they are', () => {
    const intents = names.map((name, index) =>
      anIntent(name, { serial: index + 1, launchedAtMs: storyMs - 130_000 }),
    );
    const made = plan(aSnapshot({ intents }), aPolicy());

    expect(removals(made)).toHaveLength(8);
  });

  test('after a restart of ours, which forgot what was up, old nodes count all the same', () => {
    const made = plan({ ...aCluster(['a', 'b']), history: {} }, aPolicy());

    expect(removals(made)).toEqual([]);
    expect(made.report.brake).toMatchObject({ affected: 6, standing: 8 });
  });

  test('tasks that were adopted when our state was lost are not ended for want of nodes in pbsnodes', () => {
    const goal = { kind: 'drain', sinceMs: storyMs - 1000, why: 'nothing is recorded about it' } as const;
    const intents = names.map((name, index) => anIntent(name, { serial: index + 1, goal }));
    const made = plan(aSnapshot({ intents, tasks: intents.map((intent) => aTask(intent)) }), aPolicy());

    expect(removals(made)).toEqual([]);
    expect(made.report.brake?.stopped.map(({ cause }) => cause)).toEqual(Array(8).fill('unrecorded'));
  });

  test('what was confirmed goes, and does not count against the next', () => {
    const cluster = aCluster(['a', 'b']);
    const goal = { kind: 'drain', sinceMs: storyMs - 1000, why: removalConfirmed('missing').text } as const;
    const isShown = (name: string): boolean => ['a', 'b'].includes(name);
    const intents = cluster.intents.map((one) => (isShown(one.nodeName) ? one : { ...one, goal }));
    const made = plan({ ...cluster, intents }, aPolicy());

    expect(removals(made)).toHaveLength(6);
    expect(made.report.brake).toBeNull();
  });

  test('its id stands for exactly these nodes', () => {
    const idOf = (shown: readonly string[]): string | undefined =>
      plan(aCluster(shown), aPolicy()).report.brake?.id;

    expect(idOf(['a', 'b'])).toBe(idOf(['b', 'a']));
    expect(idOf(['a', 'b'])).not.toBe(idOf(['a', 'c']));
  });
});

describe('the checker knows the brake on its own', () => {
  const noBrake = aPolicy({ brakeNodesMin: 1000 });

  test.each([
    ['pbsnodes', aCluster(['a', 'b'])],
    ['pbsnodes about ended tasks', aCluster(['a', 'b'], { state: 'TASK_FAILED', told: ['c', 'd'] })],
    ['the master', aCluster(names, { state: 'TASK_GONE', told: ['c', 'd', 'e', 'f', 'g'] })],
  ])('a plan that removes on the word of %s is refused', (_who, snapshot) => {
    const reckless = plan(snapshot, noBrake);

    expect(checkPlan(snapshot, noBrake, reckless)).toEqual([]);
    expect(checkPlan(snapshot, aPolicy(), reckless)).toContainEqual(
      expect.stringMatching(
        /^(offline|kill-task|forget) of mom\.c\.3 while the answers speak against [56] of 8 nodes/,
      ),
    );
  });

  test('a node that is ours, here to stay and well is nobody to hold back', () => {
    const intent = anIntent('a');
    const snapshot = aSnapshot({ intents: [intent], tasks: [aTask(intent)], nodes: [ourNode(intent)] });

    expect(checkPlan(snapshot, aPolicy(), plan(snapshot, aPolicy()))).toEqual([]);
  });
});
