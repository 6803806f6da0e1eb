import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jobsIn, nodesIn, tasksIn } from './audit.ts';

const recorded = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/${name}`, import.meta.url), 'utf8');

test('jobs of a recorded qstat are counted, arrays by their elements', () => {
  const jobs = jobsIn(recorded('torque-6.1/zoo-qstat-f-t-x.stdout'));
  expect(jobs.filter(({ state }) => state === 'R').map(({ id }) => id)).toContain('95.head.torque.test');
  expect(jobs.map(({ id }) => id)).toContain('100[1].head.torque.test');
  expect(jobs.some(({ id }) => id.includes('[]'))).toBe(false);
});

test('nodes of a recorded pbsnodes are counted with their states', () => {
  const nodes = nodesIn(recorded('torque-6.1/pbsnodes-x-two.stdout'));
  expect(nodes.length).toBe(2);
  expect(nodesIn('')).toEqual([]);
});

test('the nodes of a job are named once each, and properties and notes are read', () => {
  const [job] = jobsIn('<Job><Job_Id>1.h</Job_Id><exec_host>n2/0-1+n1/0</exec_host></Job>');
  expect(job?.hosts).toEqual(['n2', 'n1']);
  expect(jobsIn('<Job><Job_Id>1.h</Job_Id></Job>')[0]?.hosts).toEqual([]);
  const xml =
    '<Node><name>n1</name><np>4</np><properties>a,b</properties><note>disk &amp; swap</note></Node>';
  expect(nodesIn(xml)[0]).toMatchObject({ np: 4, properties: ['a', 'b'], note: 'disk & swap' });
});

test('tasks of a recorded /state are told apart by whether they hold resources', () => {
  const { live, ended } = tasksIn(recorded('mesos/08-operator-reads/reads/GET_state.json'));
  expect(live.map(({ id, state }) => `${id} ${state}`)).toEqual(['t1 TASK_RUNNING']);
  expect(ended.map(({ id, state }) => `${id} ${state}`)).toEqual(['t2 TASK_FINISHED']);
});
