/** What users do with jobs: arrays, dependencies, holds, times, outputs. */
import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { StandIn } from './testing/stand-in.ts';
import { withStandIn } from './testing/stand-in.ts';

const node1 = 'node1.torque.test';

/** A cluster of one node of four slots. */
function withOneNode(story: (t: StandIn) => Promise<void>): Promise<void> {
  return withStandIn({}, async (t) => {
    await t.startAll();
    await t.addNode(node1, 'np=4');
    await story(t);
  });
}

test('an array runs as many elements at a time as its limit says, each with its number and outputs', async () => {
  await withOneNode(async (t) => {
    const id = await t.qsub(['-N', 'arr', '-t', '1-3%2'], 'echo $PBS_ARRAYID; sleep 0.3');
    expect(id).toBe('0[].head.torque.test');
    expect(await t.jobField('0[3]', 'job_state')).toBe('H');
    await t.waitForJob('0[]', 'C');
    for (const i of [1, 2, 3]) expect(t.readWork(`arr.o0-${i}`)).toBe(`${i}\n`);
    const [second, third] = [await t.jobField('0[2]', 'start_time'), await t.jobField('0[3]', 'start_time')];
    expect(Number(third)).toBeGreaterThanOrEqual(Number(second));
  });
});

test('afterok waits for a success, afternotok goes when the other fails, afterok then never', async () => {
  await withOneNode(async (t) => {
    await t.qmgr('set server scheduling = False');
    const good = await t.qsub(['-N', 'good'], 'exit 0');
    const bad = await t.qsub(['-N', 'bad'], 'exit 3');
    const afterGood = await t.qsub(['-W', `depend=afterok:${good}`], 'true');
    const afterBad = await t.qsub(['-W', `depend=afternotok:${bad}`], 'true');
    const never = await t.qsub(['-W', `depend=afterok:${bad}`], 'true');
    expect(await t.jobField(afterGood, 'depend')).toBe(`afterok:${good}`);
    expect(await t.jobField(good, 'depend')).toBe(`beforeok:${afterGood}`);
    await t.qmgr('set server scheduling = True');
    for (const id of [good, bad, afterGood, afterBad, never]) await t.waitForJob(id, 'C');
    expect(await t.jobField(bad, 'exit_status')).toBe('3');
    expect(await t.jobField(afterGood, 'exit_status')).toBe('0');
    expect(await t.jobField(afterBad, 'exit_status')).toBe('0');
    expect(await t.jobField(never, 'start_count')).toBe('');
  });
});

test('a held job waits for qrls, a queued one can be held, and -a waits for its time', async () => {
  await withOneNode(async (t) => {
    const held = await t.qsub(['-h'], 'true');
    expect(await t.jobField(held, 'job_state')).toBe('H');
    await t.ok('qrls', [held], { user: 'alice' });
    await t.waitForJob(held, 'C');

    await t.qmgr('set server scheduling = False');
    const queued = await t.qsub([], 'true');
    await t.ok('qhold', [queued], { user: 'alice' });
    expect(await t.jobField(queued, 'Hold_Types')).toBe('u');
    const bob = await t.run('qrls', [queued], { user: 'bob' });
    expect(bob).toEqual({ code: 159, stdout: '', stderr: `qrls: Unauthorized Request  ${queued}\n` });

    const soon = new Date(Date.now() + 3_000).toLocaleString('sv-SE').replaceAll(/\D/g, '');
    const later = await t.qsub(['-a', `${soon.slice(0, 12)}.${soon.slice(12)}`], 'true');
    await t.waitForJob(later, 'W');
    await t.waitForJob(later, 'Q');
  });
});

test('a job is ended at its walltime, with all that it started', async () => {
  await withOneNode(async (t) => {
    const id = await t.qsub(['-N', 'slow', '-l', 'walltime=1'], 'sleep 60 & sleep 60');
    expect(await t.jobField(id, 'walltime')).toBe('00:00:01');
    await t.waitForJob(id, 'C');
    expect(await t.jobField(id, 'exit_status')).toBe('271');
  });
});

test('#PBS lines, -o, -j and an interpreter of its own', async () => {
  await withOneNode(async (t) => {
    const script = '#!/bin/sh -e\n#PBS -N named -j oe\n#PBS -l nodes=1:ppn=2\necho out; echo err >&2\n';
    writeFileSync(path.join(t.work, 'job.sh'), script);
    const id = await t.ok('qsub', ['-o', 'both.txt', 'job.sh'], { user: 'alice' });
    await t.waitForJob(id.trim(), 'C');
    expect(await t.jobField(id.trim(), 'Job_Name')).toBe('named');
    expect(t.readWork('both.txt').split('\n').sort()).toEqual(['', 'err', 'out']);
  });
});

test('qsub refuses more than the queue allows, in the words of 6.1.3', async () => {
  await withOneNode(async (t) => {
    await t.qmgr('set queue batch resources_max.walltime = 02:00:00');
    const ran = await t.run('qsub', ['-l', 'walltime=3:00:00'], { user: 'alice', stdin: 'true' });
    expect(ran.code).toBe(190);
    expect(ran.stderr).toBe(
      'qsub: submit error (Job exceeds queue resource limits MSG=cannot satisfy queue max walltime requirement)\n',
    );
  });
});

test('jobs run on while the server is away, and their end is told when it is back', async () => {
  await withStandIn({}, async (t) => {
    const server = await t.startAll();
    await t.addNode(node1);
    const id = await t.qsub(['-N', 'long'], 'sleep 0.5; echo done');
    await t.until('the job has a session', async () => Number(await t.jobField(id, 'session_id')) > 0);
    await server.stop('SIGKILL');
    await t.startServer();
    await t.waitForJob(id, 'C');
    expect(t.readWork('long.o0')).toBe('done\n');
    await t.waitForState(node1, 'free');
  });
});

test('managers named in the server’s settings may create nodes, operators only mark them', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll(`create node ${node1}`, 'set server operators += alice@head.torque.test');
    await t.ok('pbsnodes', ['-o', node1], { user: 'alice' });
    const create = ['-c', 'create node node2.torque.test'];
    const refused = await t.run('qmgr', create, { user: 'alice' });
    expect(refused.stderr).toContain('Unauthorized Request  MSG=error in permissions (PERM_MANAGER)');
    await t.qmgr('set server managers += alice@head.torque.test');
    await t.ok('qmgr', create, { user: 'alice' });
  });
});

test('requestid and TTL are kept; a TTL in the past is refused; np ends at 65,535', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll(`create node ${node1} np=2,requestid=mark.a-1.mom.${node1}.3,TTL=2127-11-30T00:00:00Z`);
    const xml = await t.ok('pbsnodes', ['-x', node1]);
    expect(xml).toContain(`<requestid>mark.a-1.mom.${node1}.3</requestid>`);
    expect(xml).toContain('<TTL>2127-11-30T00:00:00Z</TTL>');
    const past = await t.run('qmgr', ['-c', `set node ${node1} TTL=2001-01-01T00:00:00Z`]);
    expect(past.code).toBe(2);
    expect((await t.run('qmgr', ['-c', `set node ${node1} np=65536`])).code).toBe(2);
  });
});
