import { describe, expect, test } from 'vitest';
import { constraintText, groupingAttributes, parseConstraint, type Constraint } from './constraints.ts';
import { checkPlan } from './check-plan.ts';
import { plan } from './plan.ts';
import type { Snapshot } from './facts.ts';
import { aJob, anOffer, anUpNode, aPolicy, aSnapshot, together } from './testing/builders.ts';

function read(...texts: readonly string[]): readonly Constraint[] {
  return texts.map((text) => {
    const constraint = parseConstraint(text);
    if ('problem' in constraint) throw new Error(constraint.problem);
    return constraint;
  });
}

function launched(snapshot: Snapshot, ...texts: readonly string[]): readonly string[] {
  const constraints = read(...texts);
  const policy = aPolicy({ constraints, propertyAttributes: groupingAttributes(constraints) });
  const made = plan(snapshot, policy);
  expect(checkPlan(snapshot, policy, made)).toEqual([]);
  return made.decisions.flatMap((one) => (one.kind === 'launch' ? [one.intent.nodeName] : [])).toSorted();
}

/** Jobs of a whole agent each. */
const jobs = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    aJob(index + 1, { request: { kind: 'procs', slots: 3, memMibPerSlot: 0 } }),
  );
const on = (host: string, rack?: string, more: Readonly<Record<string, string>> = {}) =>
  anOffer(host, { attributes: { ...(rack === undefined ? {} : { rack }), ...more } });

describe('constraints', () => {
  test('LIKE and UNLIKE match the whole value', () => {
    const offers = [on('a', 'r1'), on('b', 'r11'), on('c')];

    expect(launched(aSnapshot({ jobs: jobs(3), offers }), 'rack:LIKE:r1')).toEqual(['a']);
    expect(launched(aSnapshot({ jobs: jobs(3), offers }), 'rack:UNLIKE:r1')).toEqual(['b', 'c']);
    expect(launched(aSnapshot({ jobs: jobs(3), offers }), 'rack:CLUSTER:r11')).toEqual(['b']);
    expect(launched(aSnapshot({ jobs: jobs(3), offers }), 'hostname:LIKE:[ab]')).toEqual(['a', 'b']);
  });

  test('an agent that does not meet one is declined with what it has and what is asked', () => {
    const snapshot = aSnapshot({ jobs: jobs(1), offers: [on('a', 'r2')] });
    const { report } = plan(snapshot, aPolicy({ constraints: read('rack:LIKE:r1') }));

    expect(report.offers[0]?.why.text).toContain('agent agent-of-a has rack "r2"; LIKE "r1" is asked');
  });

  test('UNIQUE and MAX_PER count the nodes that stand and those of the same plan', () => {
    const standing = anUpNode('s', { intent: { properties: ['r1'] } });
    const offers = [on('a', 'r1'), on('b', 'r2'), on('c', 'r2'), on('d')];
    const snapshot = aSnapshot({ ...standing, jobs: jobs(4), offers });

    expect(launched(snapshot, 'rack:UNIQUE')).toEqual(['b']);
    expect(launched(snapshot, 'rack:MAX_PER:2')).toEqual(['a', 'b', 'c']);
  });

  test('GROUP_BY takes from the group with the fewest nodes first', () => {
    const standing = together(
      anUpNode('s', { intent: { properties: ['r1'] } }),
      anUpNode('t', { intent: { serial: 2, properties: ['r1'] } }),
    );
    const busy = standing.nodes.map((node) => ({ ...node, jobs: [{ jobId: '9.head', slots: 2 }] }));
    const offers = [on('a', 'r1'), on('b', 'r1'), on('c', 'r2'), on('d', 'r2')];
    const snapshot = aSnapshot({ ...standing, nodes: busy, jobs: jobs(2), offers });

    expect(launched(snapshot, 'rack:GROUP_BY')).toEqual(['c', 'd']);
  });

  test('what groups is a property of the node', () => {
    const constraints = read('rack:GROUP_BY', 'os:LIKE:linux', 'zone:MAX_PER:3', 'hostname:UNIQUE');

    expect(groupingAttributes(constraints)).toEqual(['rack', 'zone']);
  });

  test.each([
    'rack:GROUP_BY',
    'rack:UNIQUE',
    'rack:MAX_PER:3',
    'os:LIKE:ubuntu.*|debian',
    'os:UNLIKE:x:y',
    'disk:CLUSTER:ssd',
  ])('%s is read and written alike', (text) => {
    expect(read(text).map(constraintText)).toEqual([text]);
  });

  test.each([
    'rack',
    'rack:NEAR',
    'rack:LIKE',
    'rack:LIKE:(',
    'rack:MAX_PER:0',
    '1a:UNIQUE',
    'os:LIKE:(a+)+',
    'rack:UNIQUE:2',
  ])('%s is refused with what is wrong about it', (text) => {
    expect(parseConstraint(text)).toEqual({ problem: expect.any(String) as string });
  });
});
