import { describe, expect, test } from 'vitest';
import type { Job, Node } from './model.ts';
import { parseNodeRequest, slotRanges } from './node-request.ts';
import { place } from './placement.ts';

function node(name: string, over: Partial<Node> = {}): Node {
  return {
    ...{ name, address: '127.0.0.1', np: 2, properties: [], note: null, requestId: null, ttl: null },
    ...{ servicePort: 15002, managerPort: 15003, offline: false, down: false, busy: false, listSent: true },
    ...{ status: null, statusAtMs: null },
    ...over,
  };
}

function placed(spec: string, nodes: readonly Node[], jobs: readonly Job[] = [], nodect = 0): string {
  const parts = parseNodeRequest(spec);
  if (parts === null) return 'not understood';
  const placement = place(parts, nodes, jobs, nodect);
  if (placement.kind !== 'placed') return placement.kind;
  return placement.slots.map((part) => `${part.node}/${slotRanges(part.slots)}`).join('+');
}

const three = [node('a'), node('b'), node('c')];

describe('placing a request', () => {
  test('takes nodes in their order and names the last one first', () => {
    expect(placed('3:ppn=2', three)).toBe('c/0-1+b/0-1+a/0-1');
    expect(placed('1', three)).toBe('a/0');
    expect(placed('b', three)).toBe('b/0');
  });

  test('gives each part of a sum a node of its own', () => {
    expect(placed('1:ppn=4+2:ppn=1', [node('a', { np: 4 }), node('b'), node('c')])).toBe('c/0+b/0+a/0-3');
  });

  test('knows properties, and that every node has its name as one', () => {
    const nodes = [node('a'), node('b', { properties: ['bigmem'] })];
    expect(placed('1:bigmem', nodes)).toBe('b/0');
    expect(placed('a+b', nodes)).toBe('b/0+a/0');
  });

  test('waits for nodes that are down, offline, busy or not yet known to the others', () => {
    for (const trouble of [{ down: true }, { offline: true }, { busy: true }, { listSent: false }]) {
      expect(placed('1', [node('a', trouble)])).toBe('not-now');
    }
  });

  test('says never when no node could suit, unless nodect and the slots of a placeholder allow it', () => {
    expect(placed('2', [node('a')])).toBe('never');
    expect(placed('2', [node('a')], [], 2)).toBe('not-now');
    expect(placed('3', [node('a')], [], 100)).toBe('never');
    expect(placed('3:ppn=8:gold', [node('a', { np: 100, down: true })], [], 100)).toBe('not-now');
  });
});

test('what is not a request of nodes', () => {
  expect(parseNodeRequest('1:ppn=x')).toBeNull();
  expect(parseNodeRequest('')).toBeNull();
  expect(parseNodeRequest('0')).toBeNull();
  expect(parseNodeRequest('2:ppn=3#bigmem')).toEqual([{ count: 2, ppn: 3, gpus: 0, properties: ['bigmem'] }]);
});
