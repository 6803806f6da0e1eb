import { systemClock } from '@mesos-torque/common/clock.ts';
import { expect, test } from 'vitest';
import { aPolicy, storyMs } from '../core/testing/builders.ts';
import { aControlStory } from '../api/testing/control-story.ts';
import type { Outcome } from '../loop/ports.ts';
import { BoundedLabels } from './bounded-labels.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { timedPort, type CallMeasured } from './timed-port.ts';

const standing = { isLeading: true, isReady: false };

async function valuesOf(metrics: Metrics): Promise<(line: string) => string | undefined> {
  const lines = (await metrics.text(null, standing)).split('\n');
  return (start) => lines.find((line) => line.startsWith(`${start} `))?.slice(start.length + 1);
}

test('what plans do is counted, an offer once however long it is held', async () => {
  const metrics = createMetrics('1', aPolicy());
  const { feed } = aControlStory('job 1\noffer a cpus=4\noffer b cpus=4', systemClock);
  const planned = feed.latest()!;

  metrics.planned(planned, 20);
  metrics.planned(planned, 20);
  const value = await valuesOf(metrics);

  expect(value('mesos_torque_plans_total')).toBe('2');
  expect(value('mesos_torque_offers_received_total')).toBe('2');
  expect(value('mesos_torque_launches_total')).toBe('2');
  expect(value('mesos_torque_offers_declined_total{reason="no-demand"}')).toBe('2');
  expect(value('mesos_torque_plan_duration_seconds_bucket{le="0.025"}')).toBe('2');
  expect(value('mesos_torque_leading')).toBe('1');
  expect(value('mesos_torque_ready')).toBe('0');
});

test('what is held back and left alone stands as of the latest plan', async () => {
  const metrics = createMetrics('1', aPolicy());
  const story = aControlStory(
    'policy quarantineFailures=2\njob 1\noffer a cpus=4\ntrouble agent-of-a failures=3\nquota cpus=6\nmaintenance agent-of-b in=60',
    systemClock,
  );

  const text = await metrics.text(await story.feed.view(), standing);

  expect(text).toContain('mesos_torque_agents_quarantined{state="resting"} 1');
  expect(text).toContain('mesos_torque_agents_quarantined{state="probation"} 0');
  expect(text).toContain('mesos_torque_agents_in_maintenance 1');
  expect(text).toContain('mesos_torque_brake_held_nodes 0');
  expect(text).toContain('mesos_torque_recording 1');
  // The quota is a limit too.
  expect(text).toContain('mesos_torque_limit_cpus 6');
});

test('a lost connection counts once', async () => {
  const metrics = createMetrics('1', aPolicy());
  const [there, lost] = ['job 1', 'job 1\nmesos connected=no'].map((text) =>
    aControlStory(text, systemClock).feed.latest()!,
  );
  for (const planned of [there!, lost!, lost!, there!, lost!]) metrics.planned(planned, 1);

  expect((await valuesOf(metrics))('mesos_torque_mesos_disconnects_total')).toBe('2');
});

test('calls are measured, with how they failed', async () => {
  const measured: CallMeasured[] = [];
  let nowMs = storyMs;
  const port = {
    name: 'torque',
    readQueue(): Promise<Outcome<string>> {
      nowMs += 40;
      return Promise.resolve({ ok: true, value: this.name });
    },
    deleteNode(): Promise<Outcome<null>> {
      nowMs += 2_000;
      return Promise.resolve({ ok: false, problem: { kind: 'refused', detail: 'no' } });
    },
  };
  const clock = { nowMs: () => nowMs, after: () => () => undefined };
  const timed = timedPort(port, ['readQueue', 'deleteNode'], clock, (one) => measured.push(one));

  expect(await timed.readQueue()).toEqual({ ok: true, value: 'torque' });
  await timed.deleteNode();
  const metrics = createMetrics('1', aPolicy());
  for (const one of measured) metrics.torqueCalled(one);
  const value = await valuesOf(metrics);

  expect(measured.map(({ ms }) => ms)).toEqual([40, 2_000]);
  expect(value('mesos_torque_torque_command_duration_seconds_bucket{le="0.05",call="readQueue"}')).toBe('1');
  expect(value('mesos_torque_torque_command_failures_total{call="deleteNode",kind="refused"}')).toBe('1');
});

test('a label has only so many values', () => {
  const labels = new BoundedLabels(2);

  expect(['a', 'b', 'c', 'a'].map((value) => labels.of(value))).toEqual(['a', 'b', 'other', 'a']);
});
