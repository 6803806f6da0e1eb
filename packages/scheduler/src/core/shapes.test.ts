import { describe, expect, test } from 'vitest';
import type { JobRequest, NodeRequest } from './facts.ts';
import { askOf, isGang, type Ask } from './shapes.ts';
import { aJob, nodesOf } from './testing/builders.ts';

function ask(request: JobRequest, walltimeS: number | null = 60): Ask {
  return askOf(aJob(1, { request, walltimeS }))!;
}

function parts(...all: readonly Partial<NodeRequest>[]): JobRequest {
  const whole = all.map((part) => ({ count: 1, ppn: 1, gpus: 0, properties: [], host: null, ...part }));
  return { kind: 'nodes', parts: whole, memMibPerNode: 0, memMibPerSlot: 0, exclusive: false };
}

describe('what a job asks for', () => {
  test('4:ppn=8:bigmem+1:ppn=2 are five nodes, the hard ones first', () => {
    const asked = ask(parts({ ppn: 2 }, { count: 4, ppn: 8, properties: ['bigmem'] }));
    expect(asked).toMatchObject({
      kind: 'sets',
      nodes: 5,
      walltimeMs: 60_000,
      parts: [
        { count: 4, set: { slots: 8, properties: ['bigmem'] } },
        { count: 1, set: { slots: 2, properties: [] } },
      ],
    });
  });

  test('a named host comes before gpus, gpus before properties, properties before slots', () => {
    const asked = ask(
      parts({ ppn: 64 }, { properties: ['b', 'a', 'b'] }, { gpus: 1 }, { host: 'n7', ppn: 2 }),
    );
    expect(asked.kind === 'sets' ? asked.parts.map(({ set }) => set) : []).toMatchObject([
      { host: 'n7' },
      { gpus: 1 },
      { properties: ['a', 'b'] },
      { slots: 64 },
    ]);
  });

  test('memory per node is every node’s, and memory per slot every slot’s', () => {
    expect(ask(nodesOf({ count: 2 }, 500))).toMatchObject({ parts: [{ set: { memMib: 500 } }] });
    expect(ask({ kind: 'procs', slots: 9, memMibPerSlot: 70 })).toMatchObject({
      slots: 9,
      memMibPerSlot: 70,
    });
  });

  test('a node without slots would be no node: one slot at least', () => {
    expect(ask(nodesOf({ ppn: 0 }))).toMatchObject({ parts: [{ set: { slots: 1 } }] });
  });

  test('what is not understood asks for nothing, which is not to say for nothing at all', () => {
    expect(askOf(aJob(1, { request: { kind: 'not-understood', text: 'x', why: 'is new' } }))).toBeNull();
  });

  test('a walltime that was not given is not known', () => {
    expect(ask(nodesOf(), null).walltimeMs).toBeNull();
  });
});

describe('asks that are placed alike have one key', () => {
  test('whatever the order of parts and properties', () => {
    const one = ask(parts({ ppn: 2, properties: ['a', 'b'] }, { ppn: 4 }));
    const other = ask(parts({ ppn: 4 }, { ppn: 2, properties: ['b', 'a'] }));
    expect(one.key).toBe(other.key);
  });

  test.each<readonly [string, JobRequest, JobRequest]>([
    ['slots', nodesOf({ ppn: 1 }), nodesOf({ ppn: 2 })],
    ['count', nodesOf({ count: 1 }), nodesOf({ count: 2 })],
    ['memory', nodesOf({}, 1), nodesOf({}, 2)],
    ['gpus', nodesOf({ gpus: 1 }), nodesOf({ gpus: 2 })],
    ['host', nodesOf({ host: 'n1' }), nodesOf({ host: 'n2' })],
    ['a host and a property of its name', nodesOf({ host: 'n1' }), nodesOf({ properties: ['n1'] })],
    ['a property in place of two', nodesOf({ properties: ['a', 'b'] }), nodesOf({ properties: ['ab'] })],
    ['slots anywhere', nodesOf({ ppn: 2 }), { kind: 'procs', slots: 2, memMibPerSlot: 0 }],
  ])('but not of other %s', (_what, one, other) => {
    expect(ask(one).key).not.toBe(ask(other).key);
  });
});

test.each<readonly [string, JobRequest, boolean]>([
  ['one node', nodesOf({ ppn: 8 }), false],
  ['two nodes', nodesOf({ count: 2 }), true],
  ['two parts', parts({}, {}), true],
  ['one slot anywhere', { kind: 'procs', slots: 1, memMibPerSlot: 0 }, false],
  ['several slots, which may need several nodes', { kind: 'procs', slots: 2, memMibPerSlot: 0 }, true],
])('half of %s is worth nothing: %s', (_what, request, expected) => {
  expect(isGang(ask(request))).toBe(expected);
});
