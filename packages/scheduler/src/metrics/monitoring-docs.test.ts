import { readFile } from 'node:fs/promises';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { aControlStory } from '../api/testing/control-story.ts';
import { aPolicy } from '../core/testing/builders.ts';
import { createMetrics } from './metrics.ts';

const docs = new URL('../../../../docs/monitoring/', import.meta.url);
const read = (name: string): Promise<string> => readFile(new URL(name, docs), 'utf8');

/** Every name that the registry describes, with those that histograms add. */
async function namesKnown(): Promise<ReadonlySet<string>> {
  const metrics = createMetrics('1', aPolicy());
  const view = await aControlStory('job 1', systemClock).feed.view();
  const text = await metrics.text(view, { isLeading: true, isReady: true });
  const names = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set(names);
}

test.each(['grafana-dashboard.json', 'alerts.yaml'])('every metric that %s names is there', async (file) => {
  const known = await namesKnown();

  const named = [...new Set((await read(file)).match(/mesos_torque_[a-z_]+/g))];

  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test('each alert tells what to type', async () => {
  const { groups } = parse(await read('alerts.yaml')) as {
    groups: { rules: { alert: string; annotations: { summary: string; action: string } }[] }[];
  };

  const silent = groups.flatMap(({ rules }) => rules).filter(({ annotations }) => annotations.action === '');
  expect(silent).toEqual([]);
});

test('names and units are as Prometheus wants them', async () => {
  const ours = [...(await namesKnown())].filter((name) => name.startsWith('mesos_torque_'));

  expect(ours.filter((name) => /_(?:ms|mib|milli|seconds_total)$/.test(name))).toEqual([]);
});
