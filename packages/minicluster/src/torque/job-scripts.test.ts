/** Prologue and epilogue, as the recordings of 6.1.3 have them. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { MomPlace, StandIn } from './testing/stand-in.ts';
import { withStandIn } from './testing/stand-in.ts';

function put(place: MomPlace, name: string, body: string, mode = 0o500): void {
  const file = path.join(place.home, 'mom_priv', name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, mode);
}

function withOneNode(story: (t: StandIn, place: MomPlace) => Promise<void>): Promise<void> {
  return withStandIn({}, async (t) => {
    await t.startAll();
    await story(t, await t.addNode('node1.torque.test', 'np=4'));
  });
}

test('each of the four runs once, the sisters before the mother superior, with its arguments', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll();
    const log = path.join(t.work, 'log');
    for (const name of ['node1.torque.test', 'node2.torque.test']) {
      const place = await t.addNode(name);
      for (const script of ['prologue', 'prologue.parallel', 'epilogue', 'epilogue.parallel']) {
        put(place, script, `echo "${script} $PBS_NODENUM $# $1 $4 \${PBS_NODEFILE:+nodefile}" >> ${log}`);
      }
    }
    const id = await t.qsub(['-N', 'pro', '-l', 'nodes=2:ppn=1'], 'true');
    await t.waitForJob(id, 'C');
    expect(readFileSync(log, 'utf8').trimEnd().split('\n')).toEqual([
      `prologue.parallel 1 8 ${id} pro `,
      `prologue 0 8 ${id} pro nodefile`,
      `epilogue.parallel 1 11 ${id} pro `,
      `epilogue 0 11 ${id} pro nodefile`,
    ]);
  });
});

test('what they print is the job’s output', async () => {
  await withOneNode(async (t, place) => {
    put(place, 'prologue', 'echo before');
    put(place, 'epilogue', 'echo after');
    const id = await t.qsub(['-N', 'pro'], 'echo job');
    await t.waitForJob(id, 'C');
    expect(t.readWork('pro.o0')).toBe('before\njob\nafter\n');
  });
});

test('a prologue that exits 1 ends the job, and no epilogue is run', async () => {
  await withOneNode(async (t, place) => {
    put(place, 'prologue', 'exit 1');
    put(place, 'epilogue', `echo ran >> ${t.work}/epilogue`);
    const id = await t.qsub([], 'true');
    await t.waitForJob(id, 'C');
    expect(await t.jobField(id, 'exit_status')).toBe('-2');
    expect(() => t.readWork('epilogue')).toThrow('ENOENT');
  });
});

test.each([
  ['exits 2', 'exit 2', 0o500],
  ['everybody may write to', 'exit 0', 0o777],
  ['cannot be run', 'exit 0', 0o600],
])('a prologue that %s lets the job wait again, with exit status -14', async (_what, body, mode) => {
  await withOneNode(async (t, place) => {
    put(place, 'prologue', body, mode);
    const id = await t.qsub([], 'true');
    await t.waitForField(id, 'exit_status', '-14');
    expect(['Q', 'R']).toContain(await t.jobField(id, 'job_state'));
    put(place, 'prologue', 'exit 0', 0o755);
    await t.qmgr('set server scheduling = True');
    await t.waitForJob(id, 'C');
    expect(await t.jobField(id, 'exit_status')).toBe('0');
  });
});

test.runIf(process.platform === 'linux')(
  'after qdel what a task has started lives on, until an epilogue ends it',
  async () => {
    await withOneNode(async (t, place) => {
      const marker = path.join(t.work, 'pid');
      put(place, 'epilogue', `kill $(cat ${marker})`);
      const id = await t.qsub([], `setsid sh -c 'echo $$ > ${marker}; exec sleep 60' & sleep 60`);
      await t.until('the job has started something', () => Promise.resolve(readable(marker)));
      const pid = Number(readFileSync(marker, 'utf8'));
      expect(isThere(pid)).toBe(true);
      await t.ok('qdel', [id], { user: 'alice' });
      await t.waitForJob(id, 'C');
      await t.until('it has ended', () => Promise.resolve(!isThere(pid)));
      expect(await t.jobField(id, 'exit_status')).toBe('271');
    });
  },
);

function readable(file: string): boolean {
  try {
    return readFileSync(file, 'utf8').trim() !== '';
  } catch {
    return false;
  }
}

function isThere(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
