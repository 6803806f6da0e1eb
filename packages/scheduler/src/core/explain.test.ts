import { describe, expect, it } from 'vitest';
import { explainSliced, type Answer, type PastOffer } from './explain.ts';
import type { AboutKind, Explanation, Section } from './explain-words.ts';
import { plan } from './plan.ts';
import { whole } from './sliced.ts';
import { anOffer, storyMs } from './testing/builders.ts';
import { readScenario } from './testing/scenario.ts';

function answerTo(
  kind: AboutKind,
  id: string,
  scenario: string,
  pastOffers: readonly PastOffer[] = [],
): Answer {
  const { snapshot, policy } = readScenario(scenario);
  return whole(explainSliced(kind, id, { snapshot, policy, plan: plan(snapshot, policy), pastOffers }));
}

function explained(
  kind: AboutKind,
  id: string,
  scenario: string,
  past: readonly PastOffer[] = [],
): Explanation {
  const answer = answerTo(kind, id, scenario, past);
  if (answer.kind !== 'explained') throw new Error(`not explained: ${answer.kind}`);
  return answer.explanation;
}

function linesOf({ sections }: Explanation, code: Section['code']): readonly string[] {
  return sections.find((section) => section.code === code)?.lines.map(({ text }) => text) ?? [];
}

/** Ten more, and that all ways of asking say the same, are in the dashboard's `situations.test.ts`. */
describe('why a job waits, in one sentence with its numbers', () => {
  it.each([
    [
      'a property, where agents have none',
      'job 42 nodes=1:bigmem\noffer a cpus=4',
      'Job 42 waits: the one offer does not fit: property bigmem: agent agent-of-a does not have it; agents have no properties at all, because policy.propertyAttributes names no attribute.',
    ],
    [
      'an agent in quarantine that would do, besides one that is too small',
      'policy quarantineFailures=2\njob 42 nodes=1:ppn=4\noffer a cpus=2\noffer b cpus=8\ntrouble agent-of-b failures=2',
      'Job 42 waits: none of 2 offers fits; the closest: cpus: asked 4.1 cpus, offer had 2, short by 2.1, agent agent-of-a; 1 agent in quarantine would fit; it starts when an agent offers what is missing.',
    ],
    [
      'maintenance that comes too soon, though its agent takes nothing for it already',
      'job 42 nodes=1:ppn=4\noffer a cpus=8 maintenanceIn=600\nmaintenance agent-of-a in=600',
      'Job 42 waits: the one offer does not fit: agent agent-of-a is drained by Mesos ("announced maintenance"): nothing is launched there; it starts when another agent offers enough, or when the drain is over.',
    ],
    [
      'the limit of an operator',
      'wish limits max=1 who=ada why=night\njob 42 nodes=1:ppn=4\njob 7 state=running on=n1\nnode n1 np=2 phase=up jobs=7\noffer a cpus=8',
      'Job 42 waits: safeAllocation: nodes asked 1, 0 left of 1, short by 1; it starts when other nodes leave, or when the limit of ada ("night") is raised with mesos-torque scale.',
    ],
    [
      'a reading that failed',
      'job 42\noffer a cpus=4\nreading nodes=stale',
      'Job 42 waits: nothing is launched for it until queue, nodes and tasks have been read and Mesos hears us; the nodes could not be read ("timed out"): nothing is launched and nothing shrinks.',
    ],
    [
      'more than the quota allows at all',
      'quota cpus=4\njob 42 nodes=1:ppn=8\noffer a cpus=16',
      "Job 42 can never run as things are configured: it needs 8.1 cpus with the executors' share, quota of the Mesos role allows 4 cpus: 4.1 cpus too much; ask for less, or raise what is named.",
    ],
    [
      'no offers',
      'job 42',
      'Job 42 waits: no free slots fit it, and Mesos offers nothing at this moment; it starts when Mesos offers enough.',
    ],
    [
      'an operator',
      'wish hold who=ada why="power cut"\njob 42\noffer a cpus=4',
      'Job 42 waits: growth is held by ada ("power cut"): nothing is launched; mesos-torque release lets it go on.',
    ],
    [
      'more than can ever be',
      'policy npMax=8\njob 42 nodes=1:ppn=64',
      'Job 42 can never run as things are configured: it asks 64 slots on one node, npMax allows 8: 56 too many; ask for less, or raise what is named.',
    ],
    [
      'TORQUE, which starts it next',
      'job 42\nstatic s1',
      'Job 42 fits on s1, waits for the TORQUE scheduler.',
    ],
    ['nothing: it runs', 'job 42 state=running on=s1\nstatic s1 jobs=42', 'Job 42 runs on s1.'],
  ])('%s', (_what, scenario, sentence) => {
    expect(explained('job', '42', scenario).conclusion).toBe(sentence);
  });
});

describe('what a job is told besides', () => {
  const scenario = `
policy nodes=3 cpus=20
job 42 nodes=2:ppn=4 mem=500 comment="Not Running: Not enough of the right type of nodes are available"
job 7 state=running on=s1
static s1 np=4 jobs=7
node n1 np=2 phase=registering since=5
offer a cpus=2 mem=9000
`;

  it('what it needs, what is free, what is on its way, and what may still be taken', () => {
    const explanation = explained('job', '42.head', scenario);

    expect(linesOf(explanation, 'asks')).toEqual([
      '2 nodes with 4 slots each; 500 MiB on each node, a walltime of 60 min',
      'a new node for 4 slots takes 4.1 cpus, 532 MiB memory of an offer',
    ]);
    expect(linesOf(explanation, 'torque')[1]).toBe(
      `TORQUE's scheduler says "Not Running: Not enough of the right type of nodes are available"`,
    );
    expect(linesOf(explanation, 'free')).toEqual([
      '1 node up, 3 slots free on 1 of them',
      's1: 3 of 4 slots free; too few by 1',
    ]);
    expect(linesOf(explanation, 'on-the-way')).toEqual([
      'n1: 2 of 2 slots free; too few by 2; registering, launched 5 s ago, up or given up within 235 s',
    ]);
    expect(linesOf(explanation, 'allocation')).toEqual([
      '2 nodes left of 3',
      '17.9 cpus left of 20 cpus (processors); one node for it takes 4.1 cpus',
    ]);
  });

  it('each offer with its arithmetic, also those that were declined lately', () => {
    const past = [
      {
        offer: anOffer('b', { receivedAtMs: storyMs - 90_000 }),
        why: 'no job waits',
        atMs: storyMs - 60_000,
      },
    ];
    const lines = linesOf(explained('job', '42', scenario, past), 'offers');

    expect(lines[0]).toBe('1 agent offering now, 1 agent whose offers were declined lately');
    expect(lines.find((line) => line.startsWith('a offers'))).toContain(
      'declined: cpus: asked 4.1 cpus, offer had 2, short by 2.1, agent agent-of-a',
    );
    expect(lines.find((line) => line.startsWith('b offers'))).toContain('declined 60 s ago: ');
  });

  it('agents that back off, and those that somebody drains', () => {
    const { snapshot, policy } = readScenario(`${scenario}wish drain agent=agent-of-z who=bob why=moved`);
    const trouble = [
      {
        agentId: 'agent-of-a',
        failures: 2,
        lastMs: storyMs - 5_000,
        lastMessage: 'no pbs_mom',
        evidence: [],
      },
    ];
    const troubled = { ...snapshot, trouble };
    const answer = whole(
      explainSliced('job', '42', {
        snapshot: troubled,
        policy,
        plan: plan(troubled, policy),
        pastOffers: [],
      }),
    );

    expect(answer.kind === 'explained' && linesOf(answer.explanation, 'agents')).toEqual([
      '2 failed in a row on agent agent-of-a, lastly "no pbs_mom"; tried again in 15 s; a offers 2 cpus, 9,000 MiB memory, 10,000 MiB disk: cpus: asked 4.1 cpus, offer had 2, short by 2.1, agent agent-of-a',
      'agent agent-of-z is drained by bob ("moved"): nothing is launched there; what it offers is not known',
    ]);
  });

  it('that its short id means several, or none', () => {
    expect(answerTo('job', '43', scenario)).toEqual({ kind: 'unknown' });
    expect(answerTo('job', '4', scenario)).toEqual({ kind: 'unknown' });
  });
});

describe('a node', () => {
  const scenario =
    'job 7 state=running on=n1\nnode n1 np=2 phase=up jobs=7\nwish drain node=n1 deadline=60\nstatic s1';

  it('tells what TORQUE, Mesos and operators say of it, and what is done now', () => {
    const explanation = explained('node', 'N1', scenario);

    expect(explanation.conclusion).toBe('Node n1 is up: drained by ada ("a new disk").');
    expect(linesOf(explanation, 'verdict')).toContain('now: offline, drained by ada ("a new disk")');
    expect(linesOf(explanation, 'torque')).toEqual(['free; 1 slot of 2 in use']);
    expect(linesOf(explanation, 'jobs')).toEqual(['7.head on 1 slot']);
    expect(linesOf(explanation, 'life')[1]).toBe('it is to stay');
    expect(linesOf(explanation, 'wishes')).toEqual(['drained by ada ("a new disk")']);
  });

  it('may be the administrator’s, or nobody’s', () => {
    expect(explained('node', 's1', scenario).conclusion).toBe(
      "Node s1 is static: the administrator's node, free.",
    );
    expect(answerTo('node', 'n9', scenario)).toEqual({ kind: 'unknown' });
  });
});

describe('offers and agents', () => {
  const scenario = 'node n1 np=2 phase=up\noffer a cpus=4\nwish drain agent=agent-of-a who=bob why=moved';

  it('an offer tells what it holds and what became of it', () => {
    const explanation = explained('offer', 'offer-of-a', scenario);

    expect(explanation.conclusion).toMatch(/^Offer offer-of-a of a is declined for 600 s: no job waits/);
    expect(linesOf(explanation, 'offers')[0]).toMatch(/^4 cpus, .* on agent agent-of-a \(a\)$/);
    expect(linesOf(explanation, 'agents')).toEqual([
      'agent agent-of-a is drained by bob ("moved"): nothing is launched there',
    ]);
  });

  it('one that was declined is remembered for a while', () => {
    const past = [{ offer: anOffer('b'), why: 'no job waits', atMs: storyMs - 5_000 }];

    expect(explained('offer', 'offer-of-b', scenario, past).conclusion).toBe(
      'Offer offer-of-b of b was declined 5 s ago: no job waits.',
    );
  });

  it('an agent tells its node, its offers and what stands in its way', () => {
    expect(explained('agent', 'agent-of-n1', scenario).conclusion).toBe(
      'Agent agent-of-n1 (n1) has node n1, up; one mom per agent.',
    );
    expect(explained('agent', 'a', scenario).conclusion).toBe(
      'Agent agent-of-a (a) is drained by bob ("moved"): nothing is launched there.',
    );
    expect(answerTo('agent', 'a9', scenario)).toEqual({ kind: 'unknown' });
  });
});
