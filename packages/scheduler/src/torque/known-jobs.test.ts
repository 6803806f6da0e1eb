import { describe, expect, it } from 'vitest';
import type { JobFacts } from '../core/facts.ts';
import { noAmounts } from '../core/settings.ts';
import { KnownJobs } from './known-jobs.ts';
import { knownLists, qstatParser } from './qstat.ts';
import { parseWhole } from './parsing.ts';

const sample: JobFacts = {
  id: '7.head.example.org',
  name: 'sum',
  owner: 'alice',
  queue: 'batch',
  state: 'queued',
  request: { kind: 'not-understood', text: 'x', why: 'is a sample' },
  walltimeS: 60,
  comment: null,
  group: 'users',
  counted: noAmounts,
  holds: '',
  depend: null,
  startsAfterMs: null,
  execNodes: ['node1', 'node2'],
  execGpus: { node1: 1 },
  queuedAtMs: 1_000,
  arraySlotLimit: null,
  arrayRange: null,
  isArrayTemplate: false,
};

/** For each thing that is known of a job, another value. */
const others: { readonly [Name in keyof JobFacts]: JobFacts[Name] } = {
  id: '8.head.example.org',
  name: 'other',
  owner: 'bob',
  queue: 'long',
  state: 'running',
  request: { kind: 'not-understood', text: 'y', why: 'is another' },
  walltimeS: null,
  comment: 'Not Running: No Nodes Available',
  group: 'staff',
  counted: { ...noAmounts },
  holds: 'u',
  depend: 'afterok:6.head.example.org',
  startsAfterMs: 5_000,
  execNodes: ['node1', 'node3'],
  execGpus: { node1: 2 },
  queuedAtMs: 2_000,
  arraySlotLimit: 2,
  arrayRange: '1-4',
  isArrayTemplate: true,
};

function jobs(...numbers: readonly number[]): readonly JobFacts[] {
  return numbers.map((number) => ({ ...sample, id: `${number}.head.example.org` }));
}

/** The numbers of the jobs that stay the objects that they were. */
function kept(before: readonly JobFacts[], now: readonly JobFacts[]): readonly number[] {
  const known = new KnownJobs(before);
  return now.filter((job) => known.asBefore(job) !== job).map(({ id }) => Number.parseInt(id, 10));
}

describe('jobs of the reading before', () => {
  it('stay the objects that they were where nothing has changed', () => {
    const before = jobs(1, 2, 3);
    const known = new KnownJobs(before);
    expect(jobs(1, 2, 3).map((job) => before.indexOf(known.asBefore(job)))).toEqual([0, 1, 2]);
  });

  it.each(Object.keys(others) as (keyof JobFacts)[])('are new where another %s is printed', (name) => {
    const changed = { ...sample, [name]: others[name] };
    expect(new KnownJobs([sample]).asBefore(changed)).toBe(changed);
  });

  it.each([
    ['a node more', { execNodes: ['node1', 'node2', 'node3'] }],
    ['a node less', { execNodes: ['node1'] }],
    ['gpus on a node more', { execGpus: { node1: 1, node2: 1 } }],
    ['gpus on another node', { execGpus: { node2: 1 } }],
  ])('are new with %s', (_, change) => {
    const changed = { ...sample, ...change };
    expect(new KnownJobs([sample]).asBefore(changed)).toBe(changed);
  });

  it('are found again where others have left, come and changed between them', () => {
    const now = [
      ...jobs(2),
      { ...sample, id: '3.head.example.org', state: 'running' as const },
      ...jobs(7, 5),
    ];
    expect(kept(jobs(1, 2, 3, 4, 5), now)).toEqual([2, 5]);
  });

  it('are all new to the eye where too many have left at once, and known in the reading after', () => {
    const many = jobs(...Array.from({ length: 200 }, (_, index) => index));
    const rest = many.slice(100).map((job) => ({ ...job }));
    expect(kept(many, rest)).toEqual([]);
    expect(
      kept(
        rest,
        rest.map((job) => ({ ...job })),
      ),
    ).toHaveLength(100);
  });

  it('are recognised by the parser of the next reading', () => {
    const lists = knownLists();
    const first = parseWhole(qstatParser([], lists), printed('Q', 'Q'));
    const second = parseWhole(qstatParser(first.ok ? first.value.jobs : [], lists), printed('Q', 'R'));
    if (!first.ok || !second.ok) throw new Error('both are whole documents');
    expect(second.value.jobs[0]).toBe(first.value.jobs[0]);
    expect(second.value.jobs[1]).toMatchObject({ id: '2.head.example.org', state: 'running' });
  });
});

function printed(...states: readonly string[]): Uint8Array {
  const each = states.map(
    (state, index) =>
      `<Job><Job_Id>${index + 1}.head.example.org</Job_Id><Job_Name>sum</Job_Name>` +
      `<Job_Owner>alice@head.example.org</Job_Owner><job_state>${state}</job_state><queue>batch</queue>` +
      `<ctime>1400000000</ctime><Resource_List><nodes>1:ppn=2</nodes></Resource_List></Job>`,
  );
  return Buffer.from(`<Data>${each.join('')}</Data>`);
}
