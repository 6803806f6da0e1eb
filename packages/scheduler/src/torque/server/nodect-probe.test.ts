import { expect, test } from 'vitest';
import type { CommandResult, RunOptions } from '@mesos-torque/common/run-command.ts';
import { exited } from '../testing/scripted-run.ts';
import { recording, resultOf } from '../testing/recordings.ts';
import { hasWaitingJobs, probeNodect, type ProbeParts } from './nodect-probe.ts';

const nobody = { name: 'nobody', uid: 65_534, gid: 65_534 };
const refusal =
  'qsub: submit error (Job exceeds queue resource limits MSG=cannot locate feasible nodes (nodes file is empty, all systems are busy, or no nodes have the requested feature))\n';

function aProbe(answers: Readonly<Record<string, CommandResult>>): {
  parts: ProbeParts;
  ran: { line: string; account: RunOptions['account'] }[];
} {
  const ran: { line: string; account: RunOptions['account'] }[] = [];
  const parts: ProbeParts = {
    binDir: null,
    timeoutMs: 1000,
    account: nobody,
    env: { PBS_DEFAULT: 'head.torque.test' },
    run: (argv, { account }) => {
      ran.push({ line: argv.join(' '), account });
      return Promise.resolve(answers[argv[0]] ?? exited(0));
    },
  };
  return { parts, ran };
}

test('the probe is refused in the check that reads nodect, and leaves nothing behind', async () => {
  const { parts, ran } = aProbe({ qsub: exited(190, '', refusal) });
  expect(await probeNodect(parts)).toEqual({ ok: true, value: null });
  expect(ran.map(({ line }) => line)).toEqual([
    'qselect -N mesos-torque-probe -s H',
    'qsub -h -N mesos-torque-probe -l nodes=999999',
  ]);
  expect(ran.every(({ account }) => account?.uid === nobody.uid)).toBe(true);
});

test('a queue that takes everything takes the probe: it is held, and deleted at once', async () => {
  const { parts, ran } = aProbe({ qsub: exited(0, '12.head.torque.test\n') });
  expect(await probeNodect(parts)).toEqual({ ok: true, value: null });
  expect(ran.at(-1)?.line).toBe('qdel 12.head.torque.test');
});

test('a probe of an earlier life is deleted first', async () => {
  const { parts, ran } = aProbe({
    qselect: exited(0, '7.head.torque.test\n'),
    qsub: exited(190, '', refusal),
    qdel: exited(153, '', 'qdel: Unknown Job Id Error 7.head.torque.test\n'),
  });
  expect(await probeNodect(parts)).toEqual({ ok: true, value: null });
  expect(ran.map(({ line }) => line.split(' ')[0])).toEqual(['qselect', 'qdel', 'qsub']);
});

test.each([
  ['root', resultOf(recording('fresh-qsub-root'))],
  [
    'a user who is shut out',
    exited(159, '', 'qsub: submit error (Unauthorized Request  MSG=user ACL rejected …)\n'),
  ],
  ['no queue', resultOf(recording('fresh-qsub-noqueue'))],
])('a refusal for another reason did not read nodect: %s', async (_who, answer) => {
  const { parts } = aProbe({ qsub: answer });
  expect(await probeNodect(parts)).toMatchObject({ ok: false, problem: { kind: 'refused' } });
});

test('what is printed as a job id is checked before it reaches a command line', async () => {
  const { parts, ran } = aProbe({ qsub: exited(0, '12;rm\n') });
  expect(await probeNodect(parts)).toMatchObject({ ok: false, problem: { kind: 'garbled' } });
  expect(ran.some(({ line }) => line.startsWith('qdel'))).toBe(false);
});

test('the recorded refusal of 6.1.3 is known', async () => {
  const { parts } = aProbe({ qsub: resultOf(recording('zero-qsub-1')) });
  expect(await probeNodect(parts)).toMatchObject({ ok: true });
});

test('jobs that wait are counted as ourselves, who see all', async () => {
  const { parts, ran } = aProbe({ qselect: exited(0, '7.head\n') });
  expect(await hasWaitingJobs(parts)).toEqual({ ok: true, value: true });
  expect(ran[0]?.account).toBeUndefined();
});
