import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JobFacts } from '../core/facts.ts';
import { parseQstat } from './qstat.ts';
import { recording, recordings } from './testing/recordings.ts';

/** The jobs of a document, which must be readable. */
function jobsOf(bytes: Uint8Array): readonly JobFacts[] {
  const parsed = parseQstat(bytes);
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  return parsed.value.jobs;
}

function jobOf(bytes: Uint8Array, name: string): JobFacts {
  const job = jobsOf(bytes).find((candidate) => candidate.name === name);
  if (job === undefined) throw new Error(`no job ${name}`);
  return job;
}

/** What the parser has against a document. */
function complaint(text: string | Uint8Array): string {
  const parsed = parseQstat(typeof text === 'string' ? Buffer.from(text) : text);
  if (parsed.ok) return 'nothing';
  expect(parsed.problem.kind).toBe('garbled');
  return parsed.problem.detail;
}

/** One job, with elements added to or put in place of the usual ones. */
function xmlJob(elements: Readonly<Record<string, string>> = {}): string {
  const all = {
    Job_Id: '1.head',
    Job_Name: 'sleep',
    Job_Owner: 'alice@head',
    job_state: 'Q',
    queue: 'batch',
    ctime: '1700000000',
    ...elements,
  };
  return `<Job>${Object.entries(all)
    .map(([name, text]) => `<${name}>${text}</${name}>`)
    .join('')}</Job>`;
}

function xml(...jobs: readonly string[]): string {
  return `<?xml version="1.0"?>\n<Data>${jobs.join('')}</Data>\n`;
}

describe('of the recorded zoo of jobs', () => {
  const zoo = recording('zoo-qstat-f-t-x').stdout;

  test('a running job has its nodes, the mother superior first, each once', () => {
    expect(jobOf(zoo, 'runner')).toMatchObject({
      id: '95.head.torque.test',
      owner: 'alice',
      queue: 'batch',
      state: 'running',
      walltimeS: 3600,
      queuedAtMs: 1795328651000,
      execNodes: ['node3.torque.test', 'node2.torque.test', 'node1.torque.test'],
    });
  });

  test('the scheduler is quoted as it speaks', () => {
    expect(jobOf(zoo, 'big').comment).toBe(
      'Not Running: Not enough of the right type of nodes are available',
    );
    expect(jobOf(zoo, 'held').comment).toBeNull();
  });

  test.each([
    ['big', { kind: 'nodes', parts: [{ count: 9, ppn: 1 }] }],
    [
      'runner',
      {
        kind: 'nodes',
        parts: [
          { count: 1, ppn: 4 },
          { count: 2, ppn: 1 },
        ],
      },
    ],
    ['bigm', { kind: 'nodes', parts: [{ count: 2, properties: ['bigmem'] }] }],
    ['host', { kind: 'nodes', parts: [{ count: 1, host: 'node1.torque.test' }] }],
    ['gpus', { kind: 'nodes', parts: [{ count: 1, gpus: 1 }] }],
    ['ncpus', { kind: 'nodes', parts: [{ count: 1, ppn: 2 }] }],
    ['mem', { kind: 'nodes', parts: [{ count: 1, ppn: 1 }], memMibPerNode: 512 }],
    ['procs', { kind: 'procs', slots: 5 }],
    ['lreq', { kind: 'procs', slots: 2 }],
  ])('%s asks for what it was submitted with', (name, request) => {
    expect(jobOf(zoo, name).request).toMatchObject(request);
  });

  test('a held job tells who holds it, or what it depends on; a waiting one, until when', () => {
    expect(jobOf(zoo, 'held')).toMatchObject({ holds: 'u', depend: null });
    expect(jobOf(zoo, 'after')).toMatchObject({ holds: 's', depend: 'afterok:96.head.torque.test' });
    expect(jobOf(zoo, 'waiting')).toMatchObject({ state: 'waiting', startsAfterMs: 1795332240000 });
    expect(jobOf(zoo, 'big')).toMatchObject({ holds: '', startsAfterMs: null, group: 'alice' });
  });

  test('what limits count is read as it is printed', () => {
    expect(jobOf(zoo, 'runner').counted).toEqual({ nodect: 3, ncpus: null, memMib: null });
    expect(jobOf(zoo, 'mem').counted).toEqual({ nodect: null, ncpus: null, memMib: 512 });
  });

  test('names keep the characters that XML escapes', () => {
    expect(jobOf(zoo, 'a&b<c>"d"').id).toBe('102.head.torque.test');
  });

  test('elements of an array are jobs, of which those beyond the slot limit are held', () => {
    const elements = jobsOf(zoo).filter(({ id }) => id.startsWith('101['));

    expect(elements.map(({ state }) => state)).toEqual(['queued', 'queued', 'held', 'held', 'held']);
    expect(elements.every(({ isArrayTemplate }) => !isArrayTemplate)).toBe(true);
  });
});

describe('of the recorded requests of every kind', () => {
  const all = recording('requests-qstat-f-x').stdout;

  test.each([
    ['#shared', 'r2', { parts: [{ count: 2, properties: ['shared'] }] }],
    ['#excl', 'r3', { parts: [{ count: 1, properties: ['excl'] }], exclusive: false }],
    ['-n', 'r5', { exclusive: true }],
    ['naccesspolicy', 'r6', { exclusive: true }],
    ['x=nmatchpolicy', 'r7', { kind: 'nodes' }],
    ['x=FEATURE', 'r8', { parts: [{ properties: ['bigmem'] }] }],
    ['x=PARTITION', 'r9', { kind: 'not-understood', text: '-W x=PARTITION:a' }],
    ['two features', 'r11', { parts: [{ properties: ['bigmem', 'ssd'] }] }],
    ['gres', 'r12', { kind: 'nodes' }],
    ['size', 'r14', { parts: [{ count: 1, ppn: 1 }] }],
    ['gpu mode', 'r16', { parts: [{ gpus: 1, properties: [] }] }],
    ['mics', 'r18', { kind: 'not-understood', text: '1:mics=1' }],
    ['procs, pmem', 'r20', { kind: 'procs', slots: 4, memMibPerSlot: 100 }],
    ['-L', 'r21', { kind: 'procs', slots: 2, memMibPerSlot: 1024 }],
    ['-L place=node', 'r22', { parts: [{ count: 4, ppn: 2 }], memMibPerNode: 1024 }],
    ['a word', 'r26', { parts: [{ properties: ['node1'], host: null }] }],
    ['a host', 'r27', { parts: [{ host: 'node1.torque.test', ppn: 2 }, { properties: ['bigmem'] }] }],
    ['memory', 'r33', { memMibPerNode: 1024, memMibPerSlot: 300 }],
    ['tpn', 'r37', { kind: 'not-understood', text: 'tpn=2' }],
    ['words of Moab', 'r40', { kind: 'not-understood', text: 'arch=linux' }],
  ])('%s', (_what, name, request) => {
    expect(jobOf(all, name).request).toMatchObject(request);
  });
});

test('gpus in use are told by the jobs that use them', () => {
  const jobs = jobsOf(recording('gpus-qstat-f-t-x').stdout);

  expect(jobs.filter(({ execGpus }) => Object.keys(execGpus).length > 0)).toMatchObject([
    { name: 'g1', execGpus: { 'node1.torque.test': 1 } },
    { name: 'g2', execGpus: { 'node1.torque.test': 1 } },
  ]);
});

describe('an array', () => {
  test('tells its indices on its own entry', () => {
    const arrays = jobsOf(recording('arrays-qstat-f-x').stdout).filter(
      ({ arrayRange }) => arrayRange !== null,
    );

    expect(arrays.map(({ arrayRange, arraySlotLimit }) => [arrayRange, arraySlotLimit])).toEqual([
      ['1-400', null],
      ['1-8', 3],
      ['1,3,5-7', null],
    ]);
  });

  test('holds the elements beyond its slot limit', () => {
    const elements = jobsOf(recording('arrays-qstat-f-t-x-one').stdout);

    expect(elements.map(({ holds }) => holds).join('')).toBe('lllll');
    expect(elements).toHaveLength(8);
  });

  test('has its slot limit on its own entry, which is no template where it stands alone', () => {
    const job = jobOf(recording('zoo-qstat-x').stdout, 'arrlim');

    expect(job).toMatchObject({ id: '101[].head.torque.test', arraySlotLimit: 2, isArrayTemplate: false });
  });

  test('is a template where its elements are listed too', () => {
    const jobs = jobsOf(
      Buffer.from(
        xml(xmlJob({ Job_Id: '7[].head', job_array_request: '1-2%1' }), xmlJob({ Job_Id: '7[1].head' })),
      ),
    );

    expect(jobs.map(({ isArrayTemplate }) => isArrayTemplate)).toEqual([true, false]);
  });
});

test('an empty queue is printed as an empty element by 6.1.3, and not at all by 4.2.10', () => {
  expect(jobsOf(recording('fresh-qstat-f-x').stdout)).toEqual([]);
  expect(jobsOf(recording('fresh-qstat-x', '4.2').stdout)).toEqual([]);
});

test('elements that later versions may add are passed over', () => {
  const job = xmlJob({ novelty: 'x', nested: '<a><b>1</b></a>' });

  expect(jobsOf(Buffer.from(xml(job)))).toHaveLength(1);
});

test('hostile names stay data', () => {
  const name = '$(rm -rf /); `id` "\' \\n &#27;[31m ]]&gt; ünïcødé 𝄞';

  const [job] = jobsOf(Buffer.from(xml(xmlJob({ Job_Name: name }))));

  expect(job?.name).toBe(name.replace('&#27;', '\x1b').replace('&gt;', '>'));
});

describe('one clear error for', () => {
  test.each([
    [
      'an unknown record',
      xml('<Node></Node>'),
      'at byte 28: <Node> is unknown within <Data>, <Job> was expected',
    ],
    ['another root', '<html></html>', 'at byte 0: <html> is unknown, <Data> was expected'],
    [
      'a job listed twice',
      xml(xmlJob(), xmlJob()),
      'job 1.head is listed twice, again here: "<Job_Id>1.head',
    ],
    ['an element given twice', xml(xmlJob({ more: '</more><queue>x</queue><more>' })), '<queue> comes twice'],
    ['a job without an id', xml(xmlJob().replace(/<Job_Id>.*<\/Job_Id>/, '')), 'a job: <Job_Id> is missing'],
    ['an id that is none', xml(xmlJob({ Job_Id: 'x' })), '<Job_Id> "x" is no job id'],
    ['an unknown state', xml(xmlJob({ job_state: 'Z' })), '<job_state> "Z" is none of'],
    [
      'an absurd time',
      xml(xmlJob({ ctime: '9'.repeat(15) })),
      'job 1.head: <ctime> "999999999999999" is not',
    ],
    [
      'a job without a time',
      xml(xmlJob().replace(/<ctime>.*<\/ctime>/, '')),
      'job 1.head: <ctime> is missing',
    ],
    ['an absurd time to wait for', xml(xmlJob({ Execution_Time: 'soon' })), '<Execution_Time> "soon" is not'],
    ['gpus that are none', xml(xmlJob({ exec_gpus: 'a-gpu/x' })), 'no list of nodes and gpus, at "a-gpu/x"'],
    ['indices that are none', xml(xmlJob({ job_array_request: '5-1%2' })), 'no list of indices'],
    ['nodes that are none', xml(xmlJob({ exec_host: 'a/0+b' })), 'no list of nodes and slots, at "b"'],
    [
      'a walltime that is none',
      xml(xmlJob({ Resource_List: '<walltime>soon</walltime>' })),
      '"soon" is not a time',
    ],
    ['more after the end', `${xml()}<Data></Data>`, 'more follows after </Data>'],
    ['tags in text', xml(xmlJob({ comment: 'a<b>c</b>' })), '</comment> was expected: "<b>'],
    ['an attribute', xml('<Job id="1"></Job>'), 'the tag has more than a name'],
    ['a closing tag of another', '<Data><Job></Data></Job>', '</Job> was expected: "</Data>'],
    ['an unknown entity', xml(xmlJob({ comment: '&nbsp;' })), '&nbsp; is no entity'],
    ['a bare ampersand', xml(xmlJob({ comment: 'a & b' })), '& b is no entity'],
    ['a comment', '<Data><!-- x --></Data>', '"<" begins no element'],
    ['too much depth', `<Data>${'<Job>'.repeat(9)}`, 'more than 8 elements in each other'],
    ['an absurdly long name', `<Data><${'x'.repeat(200)}></Data>`, 'the name of an element is too long'],
  ])('%s', (_what, text, expected) => {
    expect(complaint(text)).toContain(expected);
  });

  test('bytes that are not UTF-8, with their place', () => {
    const bytes = Buffer.from(xml(xmlJob({ Job_Name: 'xyz' })));
    const at = bytes.indexOf('xyz');
    bytes[at] = 0xff;

    expect(complaint(bytes)).toContain(`at byte ${at}: this is not UTF-8: "\\xffyz`);
  });

  test('a document that is cut off anywhere', () => {
    const whole = recording('scenario-running-qstat-fx').stdout;
    const end = whole.lastIndexOf('>');

    for (let length = 1; length <= end; length += 1) {
      expect(complaint(whole.subarray(0, length)), `cut at ${length}`).not.toBe('nothing');
    }
    expect(complaint(whole.subarray(0, 500))).toContain('cut off after 500 bytes');
  });
});

test('whatever becomes of the bytes: the whole queue, or the one error', () => {
  const documents = recordings('6.1')
    .filter(({ command }) => /^qstat -(?:f -)?x/.test(command))
    .map(({ stdout }) => stdout)
    .filter(({ length }) => length > 0 && length < 40_000);
  const flip = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
  const spoiled = fc.record({
    document: fc.constantFrom(...documents),
    cutAt: fc.nat(),
    flips: fc.array(flip, { maxLength: 4 }),
  });

  fc.assert(
    fc.property(spoiled, ({ document, cutAt, flips }) => {
      const bytes = Buffer.from(document.subarray(0, cutAt % (document.length + 1)));
      for (const { at, to } of flips) if (bytes.length > 0) bytes[at % bytes.length] = to;

      const parsed = parseQstat(bytes);

      if (parsed.ok) return parsed.value.jobs.every(({ id }) => id !== '');
      return parsed.problem.kind === 'garbled' && !parsed.problem.detail.includes('\n');
    }),
    { numRuns: 500 },
  );
  expect(documents.length).toBeGreaterThan(5);
});
