/**
 * What Prometheus reads at /metrics. Values that stand (jobs, nodes, allocation) are taken from the latest plan when they
 * are asked for; what happens is counted as it happens. Labels are words of ours, each with a bound on how many.
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { ResourceKind } from '@mesos-torque/common/units.ts';
import type { PhaseEnd } from '../api/phase-times.ts';
import type { Planned, PlanView } from '../api/plan-view.ts';
import type { Policy } from '../core/policy.ts';
import { valueOf } from '../core/survey.ts';
import { limitsInForce } from '../core/in-force.ts';
import type { JournalEntry } from '../loop/ports.ts';
import { BoundedLabels } from './bounded-labels.ts';
import type { CallMeasured } from './timed-port.ts';

export interface Metrics {
  readonly contentType: string;
  /** The text of a scrape. `view` is null before the first plan. */
  text(view: PlanView | null, standing: MetricStanding): Promise<string>;
  planned(planned: Planned, tookMs: number): void;
  phasesEnded(ends: readonly PhaseEnd[]): void;
  journaled(entry: JournalEntry): void;
  torqueCalled(measured: CallMeasured): void;
  mesosCalled(measured: CallMeasured): void;
}

export interface MetricStanding {
  readonly isLeading: boolean;
  readonly isReady: boolean;
}

const commandBuckets = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const phaseBuckets = [0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 900, 3600, 14_400, 86_400];
const planBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** Codes of reasons and names of events are words in our source, so there are far fewer than this. */
const reasonsMax = 80;

/** Gauges of the library that are named like counters, of which readers complain; the same without `_total` stay. */
const notByConvention = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

export function createMetrics(version: string, configured: Policy): Metrics {
  const registers = [new Registry()];
  const [register = new Registry()] = registers;
  collectDefaultMetrics({ register });
  for (const name of notByConvention) register.removeSingleMetric(name);
  const gauge = (name: string, help: string, labelNames: readonly string[] = []): Gauge =>
    new Gauge({ name: `mesos_torque_${name}`, help, labelNames: [...labelNames], registers });
  const counter = (name: string, help: string, labelNames: readonly string[] = []): Counter =>
    new Counter({ name: `mesos_torque_${name}_total`, help, labelNames: [...labelNames], registers });
  const histogram = (name: string, help: string, labelNames: string[], buckets: number[]): Histogram =>
    new Histogram({ name: `mesos_torque_${name}_seconds`, help, labelNames, buckets, registers });

  gauge('build_info', 'Always 1; the label names the version.', ['version']).set({ version }, 1);
  const leading = gauge('leading', 'Whether this scheduler rules (1) or stands by (0).');
  const ready = gauge('ready', 'Whether /readyz says ok.');
  const jobs = gauge('jobs', 'Jobs in the queue by state of TORQUE.', ['state']);
  const verdicts = gauge('jobs_by_verdict', 'Jobs by what the latest plan says of them.', ['verdict']);
  const waiting = gauge('jobs_waiting', 'Jobs that wait or can never run, by code of the reason.', [
    'reason',
  ]);
  const nodes = gauge('nodes', 'Nodes by phase; static, placeholder and foreign ones are not ours.', [
    'phase',
  ]);
  const slots = gauge('slots', 'Slots of nodes that are up or static, by use.', ['use']);
  const moms = gauge('moms', 'Moms of our tasks by health as their executors report it.', ['health']);
  const heldNodes = gauge('held_nodes', 'Nodes whose resources we hold, launches in flight included.');
  const held = heldGauges(gauge, 'held', 'held by our nodes, launches in flight included');
  const limits = heldGauges(
    gauge,
    'limit',
    'that may be held at the most (safe allocation); absent without limit',
  );
  const limitNodes = gauge('limit_nodes', 'Nodes that may be held at the most; absent without limit.');
  const floorNodes = gauge('floor_nodes', 'Nodes held even when nothing waits.');
  const readings = gauge('reading_fresh', 'Whether what was read of TORQUE or Mesos is fresh.', ['reading']);
  const readingAges = gauge('reading_age_seconds', 'Time since the last good reading was begun.', [
    'reading',
  ]);
  const growthHeld = gauge('growth_held', 'Whether an operator holds growth.');
  const drainsWished = gauge('drains_wished', 'Drains that operators asked for and that stand.');
  const connected = gauge('mesos_connected', 'Whether Mesos hears us.');
  const agentsTroubled = gauge('agents_troubled', 'Agents on which launches failed lately.');
  const agentsQuarantined = gauge('agents_quarantined', 'Agents on which launches failed too often.', [
    'state',
  ]);
  const agentsMaintained = gauge('agents_in_maintenance', 'Agents of ours with announced maintenance.');
  const brakeStopped = gauge('brake_held_nodes', 'Nodes whose removal waits until a person confirms it.');
  const recording = gauge(
    'recording',
    'Whether state and journal can be written (1); else nothing is begun.',
  );
  const phaseTimes = histogram(
    'node_phase_duration',
    'Time that nodes spent in each phase.',
    ['phase'],
    phaseBuckets,
  );
  const planTimes = histogram('plan_duration', 'Time from a snapshot to its plan.', [], planBuckets);
  const plans = counter('plans', 'Plans made.');
  const offersReceived = counter('offers_received', 'Offers that Mesos made us.');
  const offersAccepted = counter('offers_accepted', 'Offers on which nodes were launched.');
  const offersDeclined = counter('offers_declined', 'Offers given back, by code of the reason.', ['reason']);
  const launches = counter('launches', 'Nodes launched.');
  const launchesFailed = counter('launches_failed', 'Launches that came to nothing.');
  const drains = counter('drains', 'Nodes that began to drain, by code of the reason.', ['reason']);
  const reconnects = counter('mesos_disconnects', 'Times that the connection to Mesos was lost.');
  const events = counter('journal_entries', 'Entries of the journal by event.', ['event']);
  const torqueTimes = histogram(
    'torque_command_duration',
    'Time that calls of pbs_server took.',
    ['call'],
    commandBuckets,
  );
  const torqueFailures = counter('torque_command_failures', 'Calls of pbs_server that failed.', [
    'call',
    'kind',
  ]);
  const mesosTimes = histogram(
    'mesos_call_duration',
    'Time that calls of the Mesos master took.',
    ['call'],
    commandBuckets,
  );
  const mesosFailures = counter('mesos_call_failures', 'Calls of the Mesos master that failed.', [
    'call',
    'kind',
  ]);

  const [reasons, eventNames, waitingReasons] = [
    new BoundedLabels(reasonsMax),
    new BoundedLabels(reasonsMax),
    new BoundedLabels(reasonsMax),
  ];
  let offersSeen: ReadonlySet<string> = new Set();
  let wasConnected = false;

  function setAll(target: Gauge, label: string, values: Readonly<Record<string, number>>): void {
    target.reset();
    for (const [value, count] of Object.entries(values)) target.set({ [label]: value }, count);
  }

  function takeFrom({ planned: { snapshot, plan }, counts }: PlanView): void {
    const policy = limitsInForce(snapshot, configured);
    setAll(jobs, 'state', counts.jobsByState);
    setAll(verdicts, 'verdict', counts.jobsByVerdict);
    waiting.reset();
    for (const [reason, count] of Object.entries(counts.jobsByReason)) {
      waiting.inc({ reason: waitingReasons.of(reason) }, count);
    }
    setAll(nodes, 'phase', counts.nodesByPhase);
    setAll(slots, 'use', slotsOf(snapshot));
    setAll(moms, 'health', healthOf(snapshot));
    heldNodes.set(plan.report.held.nodes);
    for (const [kind, { of, per }] of Object.entries(held))
      of.set(plan.report.held[kind as ResourceKind] * per);
    for (const [kind, { of, per }] of Object.entries(limits)) {
      setOrRemove(of, policy.safeAllocation[kind as ResourceKind], per);
    }
    setOrRemove(limitNodes, policy.safeAllocation.nodes, 1);
    floorNodes.set(policy.minSlotsHeld);
    growthHeld.set(snapshot.wishes.growthHeld === null ? 0 : 1);
    drainsWished.set(snapshot.wishes.drains.length);
    connected.set(snapshot.mesos.connected ? 1 : 0);
    agentsTroubled.set(snapshot.trouble.length);
    setAll(agentsQuarantined, 'state', quarantineOf(plan));
    agentsMaintained.set(snapshot.conditions.maintenance.length);
    brakeStopped.set(plan.report.brake?.stopped.length ?? 0);
    recording.set(snapshot.conditions.diskProblem === null ? 1 : 0);
    for (const reading of ['queue', 'nodes', 'tasks', 'settings'] as const) {
      const read = snapshot[reading];
      readings.set({ reading }, read.state === 'fresh' ? 1 : 0);
      if (read.state !== 'unknown') readingAges.set({ reading }, (snapshot.nowMs - read.atMs) / 1000);
    }
  }

  return {
    contentType: register.contentType,
    async text(view, standing) {
      leading.set(standing.isLeading ? 1 : 0);
      ready.set(standing.isReady ? 1 : 0);
      if (view !== null) takeFrom(view);
      return register.metrics();
    },
    planned({ snapshot, plan }, tookMs) {
      plans.inc();
      planTimes.observe(tookMs / 1000);
      if (wasConnected && !snapshot.mesos.connected) reconnects.inc();
      wasConnected = snapshot.mesos.connected;
      // An offer is in several snapshots while it is held, and counts once.
      const ids = new Set(snapshot.offers.map((offer) => offer.id));
      let fresh = 0;
      for (const id of ids) if (!offersSeen.has(id)) fresh += 1;
      offersReceived.inc(fresh);
      offersSeen = ids;
      for (const verdict of plan.report.offers) {
        if (verdict.kind === 'declined') offersDeclined.inc({ reason: reasons.of(verdict.why.code) });
        if (verdict.kind === 'accepted') offersAccepted.inc();
      }
      for (const decision of plan.decisions) {
        if (decision.kind === 'launch') launches.inc();
        if (decision.kind === 'forget' && decision.failed) launchesFailed.inc();
        if (decision.kind === 'offline') drains.inc({ reason: reasons.of(decision.why.code) });
      }
    },
    phasesEnded(ends) {
      for (const { phase, ms } of ends) phaseTimes.observe({ phase }, ms / 1000);
    },
    journaled({ event }) {
      events.inc({ event: eventNames.of(event) });
    },
    torqueCalled({ call, ms, problem }) {
      torqueTimes.observe({ call }, ms / 1000);
      if (problem !== null) torqueFailures.inc({ call, kind: problem });
    },
    mesosCalled({ call, ms, problem }) {
      mesosTimes.observe({ call }, ms / 1000);
      if (problem !== null) mesosFailures.inc({ call, kind: problem });
    },
  };
}

interface InBaseUnits {
  readonly of: Gauge;
  /** Base units in one of ours. */
  readonly per: number;
}

const mib = 1024 * 1024;

function heldGauges(
  gauge: (name: string, help: string) => Gauge,
  prefix: string,
  what: string,
): Readonly<Record<ResourceKind, InBaseUnits>> {
  return {
    cpuMilli: { of: gauge(`${prefix}_cpus`, `Processors ${what}.`), per: 1 / 1000 },
    memMib: { of: gauge(`${prefix}_memory_bytes`, `Memory ${what}.`), per: mib },
    diskMib: { of: gauge(`${prefix}_disk_bytes`, `Disk ${what}.`), per: mib },
    gpus: { of: gauge(`${prefix}_gpus`, `Gpus ${what}.`), per: 1 },
  };
}

function setOrRemove(target: Gauge, value: number | null, per: number): void {
  if (value === null) target.remove();
  else target.set(value * per);
}

function slotsOf(snapshot: Planned['snapshot']): Record<string, number> {
  const counts = { used: 0, free: 0, unusable: 0 };
  for (const { np, jobs, states } of valueOf(snapshot.nodes, [])) {
    const used = Math.min(
      np,
      jobs.reduce((sum, job) => sum + job.slots, 0),
    );
    counts.used += used;
    const isUsable = states.every((state) =>
      ['free', 'job-exclusive', 'job-sharing', 'busy'].includes(state),
    );
    counts[isUsable ? 'free' : 'unusable'] += np - used;
  }
  return counts;
}

function quarantineOf({ report }: Planned['plan']): Record<string, number> {
  const counts = { resting: 0, probation: 0 };
  for (const { state } of report.quarantined) counts[state] += 1;
  return counts;
}

function healthOf(snapshot: Planned['snapshot']): Record<string, number> {
  const counts = { healthy: 0, unhealthy: 0, 'not-told': 0 };
  for (const { healthy, state } of valueOf(snapshot.tasks, [])) {
    if (state !== 'TASK_RUNNING') continue;
    counts[healthy === null ? 'not-told' : healthy ? 'healthy' : 'unhealthy'] += 1;
  }
  return counts;
}
