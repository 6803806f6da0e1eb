import { describe, expect, test } from 'vitest';
import type { CommandResult } from '@mesos-torque/common/run-command.ts';
import { QueueReader } from './queue-reader.ts';
import { recording, resultOf } from './testing/recordings.ts';
import { exited, scriptedRun } from './testing/scripted-run.ts';
import { TorqueCommands } from './torque-commands.ts';

function readerOn(...script: readonly CommandResult[]) {
  const { run, lines } = scriptedRun(...script);
  return { reader: new QueueReader(new TorqueCommands({ run, binDir: null, timeoutMs: 30_000 })), lines };
}

function listing(...jobs: readonly string[]): CommandResult {
  return exited(0, `<Data>${jobs.join('')}</Data>`);
}

function job(id: string, range = ''): string {
  const array = range === '' ? '' : `<job_array_request>${range}</job_array_request>`;
  return (
    `<Job><Job_Id>${id}</Job_Id><Job_Name>j</Job_Name><Job_Owner>a@h</Job_Owner><job_state>Q</job_state>` +
    `<queue>batch</queue><ctime>1</ctime>${array}</Job>`
  );
}

describe('nothing printed', () => {
  const nothing = exited(0, '');

  test('is an empty queue when the server counts no job', async () => {
    const { reader, lines } = readerOn(nothing, resultOf(recording('fresh-qstat-Bf', '4.2')));

    expect(await reader.read(300)).toEqual({ ok: true, value: { jobs: [] } });
    expect(lines).toEqual(['qstat -f -x -t', 'qstat -B -f']);
  });

  test.each([
    ['counts some', resultOf(recording('zoo-qstat-Bf')), 'tells of 27 jobs'],
    ['says nothing either', nothing, 'does not say how many jobs there are'],
  ])('is unknown when the server %s', async (_what, server, words) => {
    const { reader } = readerOn(nothing, server);

    const queue = await reader.read(300);

    expect(queue).toMatchObject({ ok: false, problem: { kind: 'garbled' } });
    expect(queue).toHaveProperty('problem.detail', expect.stringContaining(words));
  });

  test('is unknown when the server cannot be asked', async () => {
    const { reader } = readerOn(nothing, resultOf(recording('down-qstat-x')));

    expect(await reader.read(300)).toMatchObject({ ok: false, problem: { kind: 'unreachable' } });
  });
});

test('an empty element is an empty queue by itself', async () => {
  const { reader, lines } = readerOn(listing());

  expect(await reader.read(300)).toMatchObject({ ok: true });
  expect(lines).toHaveLength(1);
});

describe('an array of which elements may be missing', () => {
  const listed = listing(job('1[1].head'), job('1[2].head'));
  const entries = listing(job('1[].head', '1-5'));

  test('is looked at once', async () => {
    const { reader, lines } = readerOn(listed, entries, listed);

    const first = await reader.read(2);
    const second = await reader.read(2);

    expect(first.ok && first.value.jobs.map(({ id }) => id)).toEqual(
      [1, 2, 3, 4, 5].map((index) => `1[${index}].head`),
    );
    expect(second).toEqual(first);
    expect(lines).toEqual(['qstat -f -x -t', 'qstat -f -x', 'qstat -f -x -t']);
  });

  test('counts as it is listed when the look fails, and is not looked at again at once', async () => {
    const { reader, lines } = readerOn(listed, exited(111, ''), listed);

    const first = await reader.read(2);
    await reader.read(2);

    expect(first.ok && first.value.jobs).toHaveLength(2);
    expect(lines).toHaveLength(3);
  });

  test('is not looked at where no element may be missing', async () => {
    const { reader, lines } = readerOn(listed);

    await reader.read(3);

    expect(lines).toHaveLength(1);
  });
});
