/** What /metrics prints, read strictly: by Prometheus' conventions, and by promtool where that is installed. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { sayNotChecked } from '@mesos-torque/common/testing/not-checked.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { aControlStory } from '../api/testing/control-story.ts';
import { aPolicy } from '../core/testing/builders.ts';
import { createMetrics } from './metrics.ts';

const scenario = `
policy quarantineFailures=2
job 1
job 2 nodes=1:ppn=900
node n1 np=4 phase=up
offer a cpus=4
offer b cpus=1
trouble agent-of-a failures=3
quota cpus=6
maintenance agent-of-b in=60`;

let text = '';

beforeAll(async () => {
  const metrics = createMetrics('1', aPolicy());
  const { feed } = aControlStory(scenario, systemClock);
  const planned = feed.latest();
  if (planned !== null) metrics.planned(planned, 20);
  text = await metrics.text(await feed.view(), { isLeading: true, isReady: false });
});

interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly string[];
}

/** Strict: every sample stands below the HELP and TYPE of its own family, of which there is one. */
function familiesOf(exposition: string): readonly Family[] {
  const families: Family[] = [];
  for (const block of exposition.trim().split(/\n(?=# HELP )|\n\n/)) {
    const [help = '', type = '', ...samples] = block.split('\n');
    const [, name = '', words = ''] = /^# HELP (\S+) (.+)$/.exec(help) ?? [];
    const [, typed, kind = ''] = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(type) ?? [];
    expect({ help, type, typed }).toMatchObject({ typed: name });
    families.push({ name, type: kind, help: words, samples });
  }
  return families;
}

describe('what is told', () => {
  it('has one HELP and TYPE for each name, and no series twice', () => {
    const families = familiesOf(text);
    const names = families.map(({ name }) => name);
    const series = families.flatMap(({ samples }) => samples.map((line) => line.replace(/ \S+$/, '')));

    expect(families.length).toBeGreaterThan(40);
    expect(names.length).toBe(new Set(names).size);
    expect(series.length).toBe(new Set(series).size);
  });

  it.each([
    [
      'counters, and they alone, end in _total',
      ({ name, type }: Family) => name.endsWith('_total') === (type === 'counter'),
    ],
    [
      'units are base units',
      ({ name }: Family) => !/_(?:ms|millis|milliseconds|minutes|mib|kb|kilobytes|percent)(?:_|$)/.test(name),
    ],
    [
      'histograms of time are in seconds',
      ({ name, type }: Family) => type !== 'histogram' || name.endsWith('_seconds'),
    ],
    ['names are of lower case', ({ name }: Family) => /^[a-z][a-z0-9_]*$/.test(name)],
    ['each is explained', ({ help }: Family) => help.length > 5],
    [
      'every sample is of its family, and a number',
      ({ name, samples }: Family) =>
        samples.every((line) =>
          new RegExp(`^${name}(?:_bucket|_sum|_count)?(?:\\{[^}]*\\})? (?:-?[0-9.e+-]+|Na[nN]|\\+Inf)$`).test(
            line,
          ),
        ),
    ],
  ])('%s', (_what, holds) => {
    expect(familiesOf(text).filter((family) => !holds(family))).toEqual([]);
  });
});

const tool = 'promtool';
const hasPromtool = spawnSync(tool, ['--version']).status === 0;
if (!hasPromtool)
  sayNotChecked('metrics and alert rules by promtool', 'there is no promtool (Debian: prometheus)');

describe.skipIf(!hasPromtool)('promtool', () => {
  it('finds nothing wrong with the metrics', () => {
    const { status, stdout, stderr } = spawnSync(tool, ['check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    });

    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
  });

  it('reads the alert rules', () => {
    const rules = fileURLToPath(new URL('../../../../docs/monitoring/alerts.yaml', import.meta.url));
    const { status, stdout } = spawnSync(tool, ['check', 'rules', rules], { encoding: 'utf8' });

    expect(status).toBe(0);
    expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
  });
});
