import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JobRequest } from '../core/facts.ts';
import { parseJobRequest } from './job-request.ts';

/** The request of a job with these entries in its `Resource_List`. */
function request(
  resources: Readonly<Record<string, string>>,
  taskRequest: string | null = null,
  beside: { readonly extension?: string; readonly isExclusive?: boolean } = {},
): JobRequest {
  return parseJobRequest({
    resources: Object.entries(resources).map(([name, value]) => ({ name, value })),
    taskRequest,
    extension: beside.extension ?? null,
    isExclusive: beside.isExclusive ?? false,
  });
}

const plain = { count: 1, ppn: 1, gpus: 0, properties: [], host: null };
const noMemory = { kind: 'nodes', memMibPerNode: 0, memMibPerSlot: 0, exclusive: false };

describe('nodes', () => {
  test.each([
    ['3', [{ ...plain, count: 3 }]],
    [
      '1:ppn=4+2:ppn=1',
      [
        { ...plain, ppn: 4 },
        { ...plain, count: 2 },
      ],
    ],
    ['2:bigmem:ppn=2:fast', [{ ...plain, count: 2, ppn: 2, properties: ['bigmem', 'fast'] }]],
    ['1:gpus=2', [{ ...plain, gpus: 2 }]],
    // Modes of gpus are set by pbs_server, and are no properties of the node.
    ['1:gpus=1:exclusive_process:fast', [{ ...plain, gpus: 1, properties: ['fast'] }]],
    ['1:gpus=1:shared:reseterr', [{ ...plain, gpus: 1 }]],
    ['1:shared:gpus=1', [{ ...plain, gpus: 1, properties: ['shared'] }]],
    // 6.1.3 asks every part for what follows a "#" as a property.
    ['2#shared', [{ ...plain, count: 2, properties: ['shared'] }]],
    [
      '2:ppn=2+1#fast#big',
      [
        { ...plain, count: 2, ppn: 2, properties: ['fast', 'big'] },
        { ...plain, properties: ['fast', 'big'] },
      ],
    ],
    [
      'Node1.torque.test+node2.torque.test:ppn=2',
      [
        { ...plain, host: 'node1.torque.test' },
        { ...plain, host: 'node2.torque.test', ppn: 2 },
      ],
    ],
    // A node's name is one of its properties to TORQUE; a bare word may be either.
    ['bigmem', [{ ...plain, properties: ['bigmem'] }]],
    ['bigmem:ppn=2', [{ ...plain, ppn: 2, properties: ['bigmem'] }]],
  ])('%s', (nodes, parts) => {
    expect(request({ nodes })).toEqual({ ...noMemory, parts });
  });

  test('a bare job runs on one slot of one node', () => {
    expect(request({ walltime: '01:00:00' })).toEqual({ ...noMemory, parts: [plain] });
  });

  test('processors of one task are slots of one node', () => {
    expect(request({ ncpus: '4' })).toMatchObject({ parts: [{ count: 1, ppn: 4 }] });
  });

  test('where nodes are asked for, ncpus is a default of the queue that TORQUE does not look at', () => {
    expect(request({ nodes: '2', ncpus: '1' })).toMatchObject({ parts: [{ count: 2, ppn: 1 }] });
  });

  test('nodect and neednodes repeat what nodes says', () => {
    expect(request({ nodes: '2', nodect: '2', neednodes: '2' })).toMatchObject({ parts: [{ count: 2 }] });
  });
});

describe('memory', () => {
  test('of the job is divided over its nodes, rounding up', () => {
    expect(request({ nodes: '3:ppn=2', mem: '1gb' })).toMatchObject({ memMibPerNode: 342 });
  });

  test('of a process is needed once for each slot', () => {
    expect(request({ nodes: '1:ppn=4+2', pmem: '100mb' })).toMatchObject({
      memMibPerNode: 0,
      memMibPerSlot: 100,
    });
  });

  test('may be of both', () => {
    const asked = request({ nodes: '2:ppn=2', mem: '1gb', pmem: '100mb' });

    expect(asked).toMatchObject({ memMibPerNode: 512, memMibPerSlot: 100 });
  });

  test('if virtual, stands in where no physical is asked for, of the job or of a process', () => {
    expect(request({ nodes: '2', vmem: '1gb' })).toMatchObject({ memMibPerNode: 512 });
    expect(request({ nodes: '1:ppn=2', pvmem: '1gb' })).toMatchObject({ memMibPerSlot: 1024 });
    expect(request({ nodes: '1', mem: '512mb', vmem: '8gb' })).toMatchObject({ memMibPerNode: 512 });
  });

  test.each([
    ['1000000', 1],
    ['1500kb', 2],
    ['512MB', 512],
    ['2tb', 2 * 1024 * 1024],
  ])('%s is %i MiB', (mem, mib) => {
    expect(request({ mem })).toMatchObject({ memMibPerNode: mib });
  });

  test('of slots anywhere is counted by slot', () => {
    expect(request({ procs: '4', mem: '1gb' })).toEqual({ kind: 'procs', slots: 4, memMibPerSlot: 256 });
  });

  test('beyond all machines stays a number that can be compared', () => {
    const absurd = request({ nodes: '1:ppn=1000000', pmem: '1024pb' });

    expect(absurd).toMatchObject({ kind: 'nodes', memMibPerSlot: 2 ** 40 });
  });
});

describe('what is not understood is named:', () => {
  test.each([
    [{ nodes: '2#2' }, '2#2', 'has "2" after "#", which is no property'],
    [{ nodes: '1:ppn=4:^n8.example.org' }, '1:ppn=4:^n8.example.org', "a site's own extension"],
    [{ nodes: '1|2' }, '1|2', 'is for Cray systems'],
    [{ nodes: '1:ppn=1.5' }, '1:ppn=1.5', "a part of a processor is a site's own extension"],
    [{ nodes: '1:ppn=8:mem=40gb' }, '1:ppn=8:mem=40gb', '"mem=40gb" in it, which is not of'],
    [{ nodes: '1:mics=1' }, '1:mics=1', '"mics=1"'],
    [{ nodes: '1:ppn=2[x]' }, '1:ppn=2[x]', 'has "[" in it'],
    [{ nodes: '' }, '', 'has "" in it, which is no property'],
    [{ nodes: '2+' }, '', 'has "" in it, which is no property'],
    [{ nodes: '0' }, '0', 'not a number from 1 to 1,000,000'],
    [{ nodes: '99999999999999999999' }, '99999999999999999999', 'not a number from 1'],
    [{ nodes: '2:ppn=-1' }, '2:ppn=-1', 'has "ppn=-1" in it, which is not a number'],
    [{ nodes: '2:ppn=1=2' }, '2:ppn=1=2', '"ppn=1=2" in it, which is not a number'],
    [{ nodes: 'ppn=2:3' }, 'ppn=2:3', '"3" in it, which is no property'],
    [{ nodes: '1:-x' }, '1:-x', '"-x" in it, which is no property'],
    [{ procs: '0' }, 'procs=0', 'not a number from 1'],
    [{ ncpus: 'many' }, 'ncpus=many', 'not a number from 1'],
    [{ nodes: '1', procs: '2' }, 'nodes=1,procs=2', 'asks for nodes and procs together'],
    [{ tpn: '4' }, 'tpn=4', 'the resource "tpn"'],
    [{ nodes: '1', partition: 'p' }, 'partition=p', 'the resource "partition"'],
    [{ nodes: '2', host: 'n1' }, 'host=n1', 'asks for a host beside other nodes'],
    [{ feature: 'a|b' }, 'feature=a|b', 'is no list of properties'],
    [{ naccesspolicy: 'singleuser' }, 'naccesspolicy=singleuser', 'a way of sharing'],
    [{ procs: '4', feature: 'a' }, 'procs=4', 'the property a on top'],
    [{ mem: '10kw' }, 'mem=10kw', 'not a size'],
    [{ mem: '999999999999999pb' }, 'mem=999999999999999pb', 'not a size'],
  ])('%j', (resources, text, why) => {
    const read = request(resources);

    expect(read).toMatchObject({ kind: 'not-understood', text });
    expect(read).toHaveProperty('why', expect.stringContaining(why));
  });

  test('a piece that is long is cut', () => {
    expect(request({ nodes: 'x'.repeat(5000) })).toMatchObject({ kind: 'not-understood', text: /^x{200}…$/ });
  });
});

describe('beside nodes', () => {
  test('a host of its own', () => {
    expect(request({ host: 'Node2.torque.test' })).toMatchObject({ parts: [{ host: 'node2.torque.test' }] });
  });

  test('a default of the queue is what TORQUE places the job by', () => {
    expect(request({ neednodes: 'bigmem' })).toMatchObject({ parts: [{ count: 1, properties: ['bigmem'] }] });
  });

  test.each([
    ['feature', request({ nodes: '2', feature: 'ssd' })],
    ['the same feature again and again', request({ nodes: '2', feature: 'ssd,ssd,ssd' })],
    ['-W x=FEATURE', request({ nodes: '2' }, null, { extension: 'FEATURE:ssd' })],
  ])('%s is a property of all nodes', (_what, asked) => {
    expect(asked).toMatchObject({ parts: [{ count: 2, properties: ['ssd'] }] });
  });

  test.each([
    ['-n', request({ nodes: '1' }, null, { isExclusive: true })],
    ['naccesspolicy', request({ nodes: '1', naccesspolicy: 'singlejob' })],
    ['-W x=NACCESSPOLICY', request({ nodes: '1' }, null, { extension: 'NACCESSPOLICY:SINGLEJOB' })],
  ])('%s asks for nodes of its own', (_what, asked) => {
    expect(asked).toMatchObject({ kind: 'nodes', exclusive: true });
  });

  test('what a scheduler weighs, counts or limits says nothing about the nodes', () => {
    const asked = request(
      { nodes: '1', gres: 'matlab:2', software: 'x', qos: 'high', file: '1gb', size: '4', cput: '1' },
      null,
      { extension: 'nmatchpolicy:exactnode;QOS:b' },
    );

    expect(asked).toEqual({ ...noMemory, parts: [plain] });
  });

  test('words for Moab that change the placement are named', () => {
    const asked = request({ nodes: '1' }, null, { extension: 'QOS:b;PARTITION:a' });

    expect(asked).toMatchObject({ kind: 'not-understood', text: '-W x=PARTITION:a' });
  });
});

describe('by task (-L)', () => {
  test('tasks of one processor are slots anywhere', () => {
    expect(request({}, '-L tasks=2:lprocs=1:memory=1gb')).toEqual({
      kind: 'procs',
      slots: 2,
      memMibPerSlot: 1024,
    });
  });

  test('larger tasks have a node each', () => {
    expect(request({}, '-L tasks=4:lprocs=2:memory=1gb:place=node')).toMatchObject({
      parts: [{ count: 4, ppn: 2 }],
      memMibPerNode: 1024,
    });
    expect(request({}, '-L tasks=1:lprocs=2:gpus=1 -L tasks=2:lprocs=4:feature=bigmem')).toMatchObject({
      parts: [
        { count: 1, ppn: 2, gpus: 1 },
        { count: 2, ppn: 4, properties: ['bigmem'] },
      ],
    });
  });

  test.each([
    '-L tasks=2:lprocs=all:place=node',
    '-L tasks=2:place=socket=2',
    '-L tasks=1:mics=1',
    '-L tasks=1:gres=matlab=1',
    '-L tasks=0',
    '-L lprocs=2',
    '-L',
    '',
  ])('%s is named', (text) => {
    expect(request({}, text)).toMatchObject({ kind: 'not-understood', text });
  });
});

test('whatever a request says, what is understood has sound numbers', () => {
  const piece = fc.constantFrom(
    '1',
    '2',
    '70000',
    '#excl',
    'mics=1',
    '^x',
    ':exclusive',
    'a',
    'h.example',
    'ppn=2',
    'gpus=1',
    '',
    ':',
    '+',
    '#',
    '=',
    '-1',
  );
  const nodes = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  const size = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('1gb', '512mb', '1024pb', '0'));

  fc.assert(
    fc.property(nodes, size, size, (text, mem, pmem) => {
      const read = request({ nodes: text, mem, pmem });
      if (read.kind !== 'nodes') return read.kind === 'not-understood' && read.why !== '';
      return (
        Number.isSafeInteger(read.memMibPerNode) &&
        read.parts.length > 0 &&
        read.parts.every(({ count, ppn, gpus }) => count >= 1 && ppn >= 1 && gpus >= 0)
      );
    }),
    { numRuns: 1000 },
  );
  expect(request({ nodes: '1' }).kind).toBe('nodes');
});
