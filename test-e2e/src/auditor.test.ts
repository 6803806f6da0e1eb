import { expect, test } from 'vitest';
import type { JobSeen } from '@mesos-torque/minicluster/audit.ts';
import { judge, type Expected, type ExpectedJob, type SiteFacts } from './auditor.ts';

const nothing: SiteFacts = { jobs: [], nodes: [], tasks: [], processes: [] };
const noneExpected: Expected = { jobs: [], nodes: ['head'], processes: [] };

function job(id: string, state: string, exitStatus: number | null): JobSeen {
  return { id, name: 'STDIN', state, exitStatus, comment: '', hosts: [] };
}

function expecting(id: string, count: number, kind: ExpectedJob['ends']['kind']): Expected {
  return { ...noneExpected, jobs: [{ id, count, ends: { kind } }] };
}

function node(name: string): SiteFacts['nodes'][number] {
  return { name, states: ['free'], requestId: '', jobs: '', np: 1, properties: [], note: '' };
}

test('nothing left and nothing expected is right', () => {
  expect(judge({ ...nothing, nodes: [node('head')] }, noneExpected)).toEqual([]);
});

test('a job that ended with 0 is right, any other end is told', () => {
  const expected = expecting('1.h', 1, 'exit-zero');
  expect(judge({ ...nothing, jobs: [job('1.h', 'C', 0)] }, expected)).toEqual([]);
  expect(judge({ ...nothing, jobs: [job('1.h', 'C', 271)] }, expected)).toEqual([
    'job 1.h ended with exit status 271, not 0',
  ]);
  expect(judge({ ...nothing, jobs: [job('1.h', 'Q', null)] }, expected)).toEqual([
    'job 1.h is Q, not complete',
  ]);
});

test('a job that is not listed any more is lost', () => {
  expect(judge(nothing, expecting('1.h', 1, 'exit-zero'))).toEqual(['job 1.h: 0 of 1 are listed']);
});

test('all elements of an array are counted', () => {
  const jobs = [job('2[1].h', 'C', 0), job('2[2].h', 'C', 0)];
  expect(judge({ ...nothing, jobs }, expecting('2[].h', 2, 'exit-zero'))).toEqual([]);
  expect(judge({ ...nothing, jobs }, expecting('2[].h', 3, 'exit-zero'))).toEqual([
    'job 2[].h: 2 of 3 are listed',
  ]);
});

test('a job that was to be deleted may be complete or gone, and nothing else', () => {
  const expected = expecting('3.h', 1, 'deleted');
  expect(judge(nothing, expected)).toEqual([]);
  expect(judge({ ...nothing, jobs: [job('3.h', 'C', 271)] }, expected)).toEqual([]);
  expect(judge({ ...nothing, jobs: [job('3.h', 'Q', null)] }, expected)).toEqual([
    'job 3.h was to be deleted and is Q',
  ]);
});

test('a job of nobody is told unless it is complete', () => {
  expect(judge({ ...nothing, jobs: [job('9.h', 'Q', null), job('8.h', 'C', 1)] }, noneExpected)).toEqual([
    "job 9.h (STDIN) is nobody's and Q",
  ]);
});

test('nodes and tasks that remain are told', () => {
  const tasks = [{ id: 't1', state: 'TASK_RUNNING', frameworkId: 'f' }];
  expect(judge({ ...nothing, nodes: [node('n1')], tasks }, noneExpected)).toEqual([
    'node n1 is left: free',
    'task t1 is left: TASK_RUNNING',
  ]);
});

test('a process that was not there before is told, a daemon that was restarted is not', () => {
  const before = [
    { machine: 'head', command: '/usr/sbin/pbs_server -D -t create' },
    { machine: 'n1', command: 'node agent-main.ts --master a' },
  ];
  const now = [
    { machine: 'head', command: '/usr/sbin/pbs_server -D -a false' },
    { machine: 'n1', command: 'node agent-main.ts --master b' },
    { machine: 'n1', command: 'pbs_mom -D' },
  ];
  const expected = { ...noneExpected, processes: before };
  expect(judge({ ...nothing, processes: now }, expected)).toEqual(['a process is left on n1: pbs_mom -D']);
});

test('two of a daemon where there was one are one too many', () => {
  const before = [{ machine: 'head', command: 'pbs_sched' }];
  const now = [...before, ...before];
  expect(judge({ ...nothing, processes: now }, { ...noneExpected, processes: before })).toEqual([
    'a process is left on head: pbs_sched',
  ]);
});
