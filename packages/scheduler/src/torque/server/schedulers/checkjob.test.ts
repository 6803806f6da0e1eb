import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { deferredIn, isDeferredForNodes, parseCheckjob, type CheckedJob } from './checkjob.ts';
import { sentenceOf } from './maui-reasons.ts';

const fixtures = new URL('../../../../../../fixtures/maui-3.3.1/', import.meta.url);

interface Entry {
  readonly name: string;
  readonly exitCode: number;
  readonly command: string;
  readonly file: string;
}

const index = JSON.parse(readFileSync(new URL('index.json', fixtures), 'utf8')) as readonly Entry[];

function printed(name: string): string {
  return readFileSync(new URL(`${name}.stdout`, fixtures), 'utf8');
}

function checked(text: string): CheckedJob {
  const parsed = parseCheckjob(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.job;
}

/** What Maui 3.3 prints of a job that an administrator holds (`sethold -b`), recorded on the same cluster. */
const heldByAdministrator = `
checking job 4

State: Idle
Creds:  user:alice  group:alice  class:batch  qos:DEFAULT

Holds:    Batch  (hold reason:  NoResources)
Messages:  exceeds available partition procs
PE:  0.00  StartPriority:  1
job cannot run in any partition  (insufficient total procs:  0 available)
`;

describe('checkjob', () => {
  const ofJobs = index.filter(({ command, exitCode }) => command.startsWith('checkjob') && exitCode === 0);

  test.each(ofJobs.map(({ name }) => name))('%s is understood', (name) => {
    expect(checked(printed(name)).state).toBe('Idle');
  });

  test.each(index.filter(({ exitCode }) => exitCode !== 0).map(({ name }) => name))(
    '%s, of a job that is not there, is an error and no job',
    (name) => {
      expect(parseCheckjob(printed(name))).toMatchObject({ ok: false });
    },
  );

  test('tells a job that Maui has set aside for want of nodes', () => {
    expect(checked(printed('nodes-came-checkjob'))).toEqual({
      state: 'Idle',
      expectedState: 'Deferred',
      holds: ['Defer'],
      holdReason: 'NoResources',
      verdict: 'cannot select job 0 for partition DEFAULT (job hold active)',
      message: null,
    });
    expect(isDeferredForNodes(checked(printed('nodes-came-checkjob')))).toBe(true);
  });

  test.each(['Batch', 'User', 'System', 'Defer User', 'Batch Defer'])(
    'does not take the hold %s for a deferral',
    (hold) => {
      const text = printed('nodes-came-checkjob').replace('Holds:    Defer ', `Holds:    ${hold} `);
      expect(isDeferredForNodes(checked(text))).toBe(false);
    },
  );
});

describe('the reason', () => {
  test('of a deferral, and of an attempt on nodes that are gone, is a want of nodes', () => {
    for (const name of [
      'zero-checkjob-2x2',
      'zero-checkjob-bigmem',
      'nodes-came-checkjob',
      'defer0-zero-checkjob',
    ]) {
      expect(sentenceOf(checked(printed(name)), 'maui')).toMatch(
        /^Not Running: Not enough of the right type of nodes are available \(maui: /,
      );
    }
  });

  test('of a hold is none, whatever was short when it was set', () => {
    expect(sentenceOf(checked(heldByAdministrator), 'maui')).toMatch(/^Not Running: maui holds it: Batch/);
  });

  test('of a limit is the limit', () => {
    const text = heldByAdministrator
      .replace(/^Holds:.*$/m, '')
      .replace(
        /^job cannot run.*$/m,
        'cannot select job 4 for partition DEFAULT (job 4 violates active HARD MAXPROC limit of 1 for user alice)',
      );
    expect(sentenceOf(checked(text), 'maui')).toMatch(
      /^Not Running: maui keeps it back .*MAXPROC limit of 1/,
    );
  });

  test('is not made up where Maui gives none that we know', () => {
    const text = 'State: Idle\njob can run in partition DEFAULT (4 procs available.  4 procs required)\n';
    expect(sentenceOf(checked(text), 'maui')).toBeNull();
  });
});

test('showq lists those that are set aside', () => {
  expect([...deferredIn(printed('zero-showq'))]).toEqual(['0', '1', '2']);
  expect([...deferredIn(printed('defer0-zero-showq'))]).toEqual([]);
});
