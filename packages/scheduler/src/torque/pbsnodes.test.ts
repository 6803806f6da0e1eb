import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TorqueNode } from '../core/facts.ts';
import { parsePbsnodes } from './pbsnodes.ts';
import { recording, type Version } from './testing/recordings.ts';

function nodesOf(bytes: Uint8Array): readonly TorqueNode[] {
  const parsed = parsePbsnodes(bytes);
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  return parsed.value;
}

function recorded(name: string, node: string, version: Version = '6.1'): TorqueNode {
  const found = nodesOf(recording(name, version).stdout).find((candidate) => candidate.name === node);
  if (found === undefined) throw new Error(`no node ${node}`);
  return found;
}

/** One node, with elements added to or put in place of the usual ones. */
function xmlNode(elements: Readonly<Record<string, string>> = {}): string {
  const all = { name: 'node1', state: 'free', np: '2', ...elements };
  return `<Node>${Object.entries(all)
    .map(([name, text]) => `<${name}>${text}</${name}>`)
    .join('')}</Node>`;
}

function one(elements: Readonly<Record<string, string>>): TorqueNode {
  const [node] = nodesOf(Buffer.from(`<Data>${xmlNode(elements)}</Data>`));
  if (node === undefined) throw new Error('no node');
  return node;
}

function complaint(...nodes: readonly string[]): string {
  const parsed = parsePbsnodes(Buffer.from(`<Data>${nodes.join('')}</Data>`));
  return parsed.ok ? 'nothing' : parsed.problem.detail;
}

test('a new node of 6.1.3 is down and offline until the host list is sent', () => {
  expect(recorded('node-down-pbsnodes-x', 'node1.torque.test')).toEqual({
    name: 'node1.torque.test',
    np: 1,
    gpus: 0,
    states: ['down', 'offline', 'mom-list-not-sent'],
    properties: [],
    note: null,
    requestId: null,
    jobs: [],
    memMib: null,
    momServicePort: 15002,
    momManagerPort: 15003,
    addresses: [],
  });
});

test('a node whose mom has reported knows its memory', () => {
  expect(recorded('pbsnodes-x-free', 'node1.torque.test')).toMatchObject({
    states: ['free'],
    memMib: 24_105,
  });
});

test('a note keeps the characters that XML escapes, and properties are a list', () => {
  expect(recorded('pbsnodes-x-note', 'node4.torque.test')).toMatchObject({
    states: ['offline'],
    note: 'two words & <x>',
    properties: ['bigmem'],
  });
});

test('ports of a mom may be other than the usual ones', () => {
  expect(recorded('alt-pbsnodes', 'node9.torque.test')).toMatchObject({
    momServicePort: 30003,
    momManagerPort: 30002,
    addresses: [],
  });
});

describe('slots in use', () => {
  test('are printed as ranges by 6.1.3', () => {
    expect(recorded('scenario-running-pbsnodes-x', 'node2.torque.test').jobs).toEqual([
      { jobId: '92.head.torque.test', slots: 2 },
    ]);
  });

  test('may be of several jobs, elements of arrays among them', () => {
    expect(recorded('zoo-pbsnodes-x', 'node3.torque.test').jobs).toEqual([
      { jobId: '95.head.torque.test', slots: 1 },
      { jobId: '100[1].head.torque.test', slots: 1 },
    ]);
  });

  test('are printed one by one by 4.2.10', () => {
    expect(one({ jobs: '0/14[1].head, 1/14[2].head, 2/14[1].head' }).jobs).toEqual([
      { jobId: '14[1].head', slots: 2 },
      { jobId: '14[2].head', slots: 1 },
    ]);
  });

  test('of one job may be several ranges', () => {
    expect(one({ jobs: '0,2-3/92.head,1/93.head' }).jobs).toEqual([
      { jobId: '92.head', slots: 3 },
      { jobId: '93.head', slots: 1 },
    ]);
  });

  test.each(['0-1', 'x/92.head', '3-1/92.head', '0/not an id', '0/92.head,1'])(
    '%s is no such list',
    (jobs) => {
      expect(complaint(xmlNode({ jobs }))).toContain('node node1: <jobs>');
    },
  );
});

test('the mark of ownership is read as it is', () => {
  const requestid = 'mesos-torque.abc-0000.mom.node1.7';

  expect(one({ requestid }).requestId).toBe(requestid);
});

test('a state that is not known by name is kept as one that is not', () => {
  expect(one({ state: 'down,power-saving' }).states).toEqual(['down', 'other']);
});

describe('one clear error for', () => {
  test.each([
    ['a node listed twice', [xmlNode(), xmlNode()], 'node node1 is listed twice'],
    ['an unknown record', ['<Job></Job>'], '<Job> is unknown within <Data>, <Node> was expected'],
    ['a node without a name', ['<Node></Node>'], 'a node: <name> is missing'],
    ['a name that is none', [xmlNode({ name: 'a b' })], '<name> "a b" is no name of a node'],
    ['slots that are no number', [xmlNode({ np: '-1' })], 'node node1: <np> "-1" is not a number'],
    ['more slots than possible', [xmlNode({ np: '65536' })], '"65536" is not a number from 0 to 65535'],
    ['a port that is none', [xmlNode({ mom_service_port: '70000' })], '<mom_service_port> "70000"'],
    ['memory that is none', [xmlNode({ status: 'a=b,physmem=lots' })], '"physmem=lots" is not a size'],
    ['an element given twice', [xmlNode({ note: 'a</note><note>b' })], '<note> comes twice'],
  ])('%s', (_what, nodes, expected) => {
    expect(complaint(...nodes)).toContain(expected);
  });

  test('a document that is cut off anywhere', () => {
    const whole = recording('zoo-pbsnodes-x').stdout;

    for (let length = 1; length <= whole.lastIndexOf('>'); length += 1) {
      expect(parsePbsnodes(whole.subarray(0, length)).ok, `cut at ${length}`).toBe(false);
    }
  });
});

test('whatever becomes of the bytes: all nodes, or the one error', () => {
  const document = recording('zoo-pbsnodes-x').stdout;
  const flips = fc.array(fc.record({ at: fc.nat(document.length - 1), to: fc.nat(255) }), { maxLength: 4 });

  fc.assert(
    fc.property(fc.nat(document.length), flips, (cutAt, changes) => {
      const bytes = Buffer.from(document);
      for (const { at, to } of changes) bytes[at] = to;

      const parsed = parsePbsnodes(bytes.subarray(0, cutAt));

      return parsed.ok ? parsed.value.every(({ name }) => name !== '') : parsed.problem.kind === 'garbled';
    }),
    { numRuns: 500 },
  );
  expect(parsePbsnodes(document).ok).toBe(true);
});
