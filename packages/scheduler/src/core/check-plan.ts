/**
 * Checks a plan against the rules of the planner. It knows the rules and not the algorithm: it reads
 * the snapshot anew, so that a mistake in a step does not hide itself here. A plan with violations is
 * not carried out, in production too.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Plan } from './decisions.ts';
import { checkLaunches } from './check-launches.ts';
import { checkNodes } from './check-nodes.ts';
import { checkOffers } from './check-offers.ts';
import type { Snapshot } from './facts.ts';
import type { Policy } from './policy.ts';

/** The rules that the plan breaks, each with what breaks it; empty when it is good. */
export function checkPlan(snapshot: Snapshot, policy: Policy, plan: Plan): readonly string[] {
  const facts = { snapshot, policy, plan };
  return [
    ...onceEach(plan),
    ...unknownIsNotZero(snapshot, plan),
    ...checkOffers(facts),
    ...checkLaunches(facts),
    ...checkNodes(facts),
    ...everyJobAnswered(snapshot, plan),
    ...wakesLater(snapshot, plan),
  ];
}

/** At most one decision per node, counting launches, and at most one of each signal. */
function onceEach({ decisions }: Plan): string[] {
  const seen = new Set<string>();
  return decisions.flatMap((decision) => {
    const subjects = subjectsOf(decision);
    const twice = subjects.filter((subject) => seen.has(subject));
    for (const subject of subjects) seen.add(subject);
    return twice.map((subject) => `more than one decision on ${subject}, the last ${decision.kind}`);
  });
}

function subjectsOf(decision: Plan['decisions'][number]): string[] {
  switch (decision.kind) {
    case 'launch':
      return [`task ${decision.intent.taskId}`, `node ${decision.intent.nodeName}`];
    case 'create-node':
    case 'start-mom':
    case 'offline':
    case 'online':
    case 'delete-node':
    case 'forget':
      return [`task ${decision.taskId}`, `node ${decision.node}`];
    case 'kill-task':
      return [`task ${decision.taskId}`];
    case 'suppress':
    case 'revive':
      return ['the stream of offers'];
    case 'kick-scheduler':
      return ['the TORQUE scheduler'];
    case 'decline':
      return [];
    default:
      return unreachable(decision);
  }
}

/** What was not read, or is old, is not known to be empty: nothing grows and nothing shrinks on it. */
function unknownIsNotZero(snapshot: Snapshot, { decisions }: Plan): string[] {
  const missing = (['queue', 'nodes', 'tasks'] as const).filter((what) => snapshot[what].state !== 'fresh');
  return decisions.flatMap((decision) => {
    switch (decision.kind) {
      case 'launch':
      case 'revive':
      case 'suppress':
        return [
          ...missing.map(
            (what) => `${decision.kind} although the ${what} reading is ${snapshot[what].state}`,
          ),
          ...unheard(snapshot, decision.kind),
        ];
      case 'offline':
      case 'online':
      case 'delete-node':
      case 'forget':
      case 'kick-scheduler':
        return missing.map(
          (what) => `${decision.kind} although the ${what} reading is ${snapshot[what].state}`,
        );
      case 'kill-task':
        return [
          ...missing.map((what) => `kill-task although the ${what} reading is ${snapshot[what].state}`),
          ...unheard(snapshot, decision.kind),
        ];
      case 'create-node':
      case 'start-mom':
        return missing
          .filter((what) => what !== 'queue')
          .map((what) => `${decision.kind} although the ${what} reading is ${snapshot[what].state}`)
          .concat(decision.kind === 'start-mom' ? unheard(snapshot, decision.kind) : []);
      case 'decline':
        return unheard(snapshot, decision.kind);
      default:
        return unreachable(decision);
    }
  });
}

function unheard({ mesos }: Snapshot, kind: string): string[] {
  return mesos.connected ? [] : [`${kind} although Mesos is not connected`];
}

/** Every job of the queue has one verdict, and a verdict is a sentence. */
function everyJobAnswered({ queue }: Snapshot, { report }: Plan): string[] {
  const listed = queue.state === 'unknown' ? [] : queue.value.jobs.map((job) => job.id);
  const counts = new Map<string, number>();
  for (const { jobId } of report.jobs) counts.set(jobId, (counts.get(jobId) ?? 0) + 1);
  const mute = [...report.jobs, ...report.nodes, ...report.offers].filter((one) => one.why.text === '');
  return [
    ...listed
      .filter((id) => counts.get(id) !== 1)
      .map((id) => `job ${id} has ${counts.get(id) ?? 0} verdicts`),
    ...report.jobs
      .filter((one) => one.kind === 'served' && one.nodes.length === 0)
      .map((one) => `job ${one.jobId} is served by no node`),
    ...mute.map((one) => `no reason for ${JSON.stringify(one)}`),
  ];
}

function wakesLater({ nowMs }: Snapshot, { report }: Plan): string[] {
  const { wakeAtMs } = report;
  if (wakeAtMs === null || (Number.isFinite(wakeAtMs) && wakeAtMs >= nowMs)) return [];
  return [`wakes at ${wakeAtMs}, which is over at ${nowMs}`];
}
