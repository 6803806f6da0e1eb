import { describe, expect, test } from 'vitest';
import type { Intent, Snapshot, TaskFacts } from './facts.ts';
import { plan } from './plan.ts';
import { survey } from './survey.ts';
import { aNode, anIntent, anUpNode, aPolicy, aSnapshot, storyMs, together } from './testing/builders.ts';

const sockets = ['10.0.0.1:15003', '10.0.0.2:15003', '10.0.0.9:15003'];
const never = { absentSinceMs: null, upAtMs: null, unwellSinceMs: null };

/** Two nodes of ours and a static one; the mom of `new` trusts these hosts. */
function grown(trusted: readonly string[] | null, task: Partial<TaskFacts> = {}): Snapshot {
  const old = anUpNode('old', { intent: { serial: 1 }, node: { addresses: ['10.0.0.1'] } });
  const fresh = anUpNode('new', {
    intent: { serial: 2 },
    task: { trusted, sinceMs: storyMs - 1000, aliveSinceMs: storyMs - 9000, ...task },
    node: { addresses: ['10.0.0.2'] },
  });
  const all = together(old, fresh);
  const idOf = (index: number): string => all.intents[index]?.taskId ?? '';
  return aSnapshot({
    ...all,
    nodes: [
      ...all.nodes,
      aNode('static', { addresses: ['10.0.0.9'] }),
      aNode('down', { states: ['down'], addresses: ['10.0.0.8'] }),
    ],
    history: { [idOf(0)]: { ...never, upAtMs: 0 }, [idOf(1)]: never },
    mesos: { suppressed: true },
  });
}

const newNode = (snapshot: Snapshot) => survey(snapshot, aPolicy()).ours[1];

/**
 * A mom that ran before `create node` turns free without its list of trusted hosts; a job of two nodes
 * then hangs in PRERUN, and stays hung when the list comes.
 */
describe('a node that pbs_server calls free', () => {
  test('is up when its mom trusts every host that runs a mom, itself included', () => {
    expect(newNode(grown(sockets))?.phase).toBe('up');
  });

  test('is still registering when one is missing, and says which', () => {
    const node = newNode(grown(sockets.slice(0, 2)));

    expect(node).toMatchObject({ phase: 'registering', doubt: { code: 'mom-distrusts' } });
    expect(plan(grown(sockets.slice(0, 2)), aPolicy()).report.nodes).toContainEqual(
      expect.objectContaining({
        node: 'new',
        why: {
          code: 'mom-distrusts',
          text: 'free, but its mom does not trust static (10.0.0.9:15003) yet: a job on both would hang',
        },
      }),
    );
  });

  test('is taken out and made anew when that lasts, jobs on it or not', () => {
    const lasting = { sinceMs: storyMs - 30_000, aliveSinceMs: storyMs - 38_000 };
    const { decisions } = plan(grown(sockets.slice(1), lasting), aPolicy());

    expect(decisions).toMatchObject([
      { kind: 'offline', node: 'new', why: { code: 'gave-up-mom-distrusts' } },
    ]);
  });

  test('is believed where nothing is told: after a restart of ours, or for a very long list', () => {
    expect(newNode(grown(null))?.phase).toBe('up');
  });

  test('with a mom on ports of its own is looked for there', () => {
    const at = (port: number): readonly string[] => [
      ...sockets.slice(0, 1),
      `10.0.0.2:${String(port)}`,
      '10.0.0.9:15003',
    ];
    const snapshot = (port: number): Snapshot => {
      const grownOne = grown(at(port));
      if (grownOne.nodes.state !== 'fresh') throw new Error('nodes are fresh in this story');
      const nodes = grownOne.nodes.value.map((node) =>
        node.name === 'new' ? { ...node, momManagerPort: 30_002 } : node,
      );
      return { ...grownOne, nodes: { ...grownOne.nodes, value: nodes } };
    };

    expect(newNode(snapshot(30_002))?.phase).toBe('up');
    expect(newNode(snapshot(15_003))?.phase).toBe('registering');
  });
});

describe('a name that leads to another machine', () => {
  test('is told with both sides, and given up', () => {
    const { decisions, report } = plan(grown(sockets, { addresses: ['10.0.1.2'] }), aPolicy());

    expect(decisions).toMatchObject([{ kind: 'offline', node: 'new' }]);
    expect(report.nodes.find(({ node }) => node === 'new')?.why.text).toContain(
      "new resolves to 10.0.0.2 on the scheduler's host, and the agent says that it is 10.0.1.2",
    );
  });
});

/**
 * pbs_server sends its host list to no node that is offline, and clearing the mark does not send it for up
 * to 600 s (tried on 6.1.3: a job over such a node and a new one stayed in state R and did nothing).
 */
describe('a draining node', () => {
  const drained = (sinceMs: number): Intent['goal'] => ({ kind: 'drain', sinceMs, why: 'idle' });
  const wanted = (otherUpAtMs: number) => {
    const draining = anUpNode('old', {
      intent: { serial: 1, goal: drained(storyMs - 60_000) },
      node: { states: ['offline'] },
    });
    const other = anUpNode('new', { intent: { serial: 2 }, node: { states: ['job-exclusive'] } });
    const all = together(draining, other);
    const history = { [anIntent('new', { serial: 2 }).taskId]: { ...never, upAtMs: otherUpAtMs } };
    return plan(aSnapshot({ ...all, history, mesos: { suppressed: true } }), aPolicy({ minSlotsHeld: 2 }));
  };

  test('is used again when nobody came since it was set offline', () => {
    expect(wanted(storyMs - 60_001).decisions).toMatchObject([{ kind: 'online', node: 'old' }]);
  });

  test('leaves when another node came up since: its mom does not know that one', () => {
    expect(wanted(storyMs - 59_999).decisions.map(({ kind }) => kind)).toContain('delete-node');
  });
});
