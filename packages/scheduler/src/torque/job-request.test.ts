import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JobRequest } from '../core/facts.ts';
import { parseJobRequest } from './job-request.ts';

/** The request of a job with these entries in its `Resource_List`. */
function request(resources: Readonly<Record<string, string>>, taskRequest: string | null = null): JobRequest {
  return parseJobRequest({
    resources: Object.entries(resources).map(([name, value]) => ({ name, value })),
    taskRequest,
  });
}

const plain = { count: 1, ppn: 1, gpus: 0, properties: [], host: null };

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
    expect(request({ nodes })).toEqual({ kind: 'nodes', parts, memMibPerNode: 0 });
  });

  test('a bare job runs on one slot of one node', () => {
    expect(request({ walltime: '01:00:00' })).toEqual({ kind: 'nodes', parts: [plain], memMibPerNode: 0 });
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

  test('of a process is needed once for each slot of the largest part', () => {
    expect(request({ nodes: '1:ppn=4+2', pmem: '100mb' })).toMatchObject({ memMibPerNode: 400 });
  });

  test('is the larger of both', () => {
    expect(request({ nodes: '2:ppn=2', mem: '1gb', pmem: '100mb' })).toMatchObject({ memMibPerNode: 512 });
  });

  test('if virtual, stands in where no physical is asked for, of the job or of a process', () => {
    expect(request({ nodes: '2', vmem: '1gb' })).toMatchObject({ memMibPerNode: 512 });
    expect(request({ nodes: '1:ppn=2', pvmem: '1gb' })).toMatchObject({ memMibPerNode: 2048 });
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

    expect(absurd).toMatchObject({ kind: 'nodes', memMibPerNode: 2 ** 40 });
  });
});

describe('what is not understood is named:', () => {
  test.each([
    [{ nodes: '2#shared' }, '2#shared', 'has "#" in it'],
    [{ nodes: '1:mics=1' }, '1:mics=1', '"mics=1"'],
    [{ nodes: '1:ppn=2[x]' }, '1:ppn=2[x]', 'has "[" in it'],
    [{ nodes: '1:gpus=1:exclusive_process' }, '1:gpus=1:exclusive_process', 'gpu mode "exclusive_process"'],
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
    [{ size: '64' }, 'size=64', 'the resource "size"'],
    [{ mem: '10kw' }, 'mem=10kw', 'not a size'],
    [{ mem: '999999999999999pb' }, 'mem=999999999999999pb', 'not a size'],
  ])('%j', (resources, text, why) => {
    const read = request(resources);

    expect(read).toMatchObject({ kind: 'not-understood', text });
    expect(read).toHaveProperty('why', expect.stringContaining(why));
  });

  test('a request by task (-L)', () => {
    expect(request({}, '-L tasks=2:lprocs=1')).toMatchObject({ text: '-L tasks=2:lprocs=1' });
  });

  test('a piece that is long is cut', () => {
    expect(request({ nodes: 'x'.repeat(5000) })).toMatchObject({ kind: 'not-understood', text: /^x{200}…$/ });
  });
});

test('whatever a request says, what is understood has sound numbers', () => {
  const piece = fc.constantFrom(
    '1',
    '2',
    '70000',
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
