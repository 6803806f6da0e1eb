/**
 * Checks a plan against the rules of the planner. It knows the rules and not the algorithm: it reads
 * the snapshot anew, so that a mistake in a step does not hide itself here. A plan with violations is
 * not carried out, in production too.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Plan } from './decisions.ts';
import { checkBrake } from './check-brake.ts';
import { checkLaunches } from './check-launches.ts';
import { checkNodes } from './check-nodes.ts';
import { checkOffers } from './check-offers.ts';
import type { Snapshot } from './facts.ts';
import { inForce } from './in-force.ts';
import type { Policy } from './policy.ts';
import { eachSliced, whole, type Sliced } from './sliced.ts';

/** The rules that the plan breaks, each with what breaks it; empty when it is good. */
export function checkPlan(snapshot: Snapshot, policy: Policy, plan: Plan): readonly string[] {
  return whole(checkPlanSliced(snapshot, policy, plan));
}

/** The same in small steps. */
export function* checkPlanSliced(given: Snapshot, configured: Policy, plan: Plan): Sliced<readonly string[]> {
  const { snapshot, policy } = inForce(given, configured);
  const facts = { snapshot, policy, plan };
  const ofDecisions = [
    ...onceEach(plan),
    ...unknownIsNotZero(snapshot, plan),
    ...recordedFirst(snapshot, plan),
  ];
  yield;
  const ofOffers = yield* checkOffers(facts);
  yield;
  const ofLaunches = yield* checkLaunches(facts);
  yield;
  const ofNodes = yield* checkNodes(facts);
  yield;
  const ofBrake = checkBrake(facts);
  yield;
  const ofJobs = yield* everyJobAnswered(snapshot, plan);
  return [
    ...ofDecisions,
    ...ofOffers,
    ...ofLaunches,
    ...ofNodes,
    ...ofBrake,
    ...ofJobs,
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
      return [`task ${decision.taskId}`, `node ${decision.node}`];
    // Ours alone is forgotten, and nothing done to the node: another task may be about to have one of that name.
    case 'forget':
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

/** What cannot be recorded is not begun; giving offers back is no beginning. */
function recordedFirst({ conditions }: Snapshot, { decisions }: Plan): string[] {
  if (conditions.diskProblem === null) return [];
  return decisions.flatMap(({ kind }) =>
    kind === 'decline' ? [] : [`${kind} although nothing can be recorded`],
  );
}

/** What was not read, or is old, is not known to be empty: nothing grows and nothing shrinks on it. */
function unknownIsNotZero(snapshot: Snapshot, { decisions }: Plan): string[] {
  const missing = (['queue', 'nodes', 'tasks'] as const).filter((what) => snapshot[what].state !== 'fresh');
  const { state: settings } = snapshot.settings;
  const limitsUnknown = (kind: string): string[] =>
    settings === 'unknown' ? [`${kind} although the settings reading is unknown`] : [];
  const limitsNotFresh = (kind: string): string[] =>
    settings === 'fresh' ? [] : [`${kind} although the settings reading is ${settings}`];
  return decisions.flatMap((decision) => {
    switch (decision.kind) {
      case 'launch':
      case 'revive':
      case 'suppress':
        return [
          ...missing.map(
            (what) => `${decision.kind} although the ${what} reading is ${snapshot[what].state}`,
          ),
          ...limitsUnknown(decision.kind),
          ...unheard(snapshot, decision.kind),
        ];
      case 'online':
      case 'kick-scheduler':
        return missing.map(
          (what) => `${decision.kind} although the ${what} reading is ${snapshot[what].state}`,
        );
      case 'offline':
      case 'delete-node':
      case 'forget':
        return missing
          .map((what) => `${decision.kind} although the ${what} reading is ${snapshot[what].state}`)
          .concat(limitsNotFresh(decision.kind));
      case 'kill-task':
        return [
          ...missing.map((what) => `kill-task although the ${what} reading is ${snapshot[what].state}`),
          ...limitsNotFresh(decision.kind),
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
function* everyJobAnswered({ queue }: Snapshot, { report }: Plan): Sliced<readonly string[]> {
  const counts = new Map<string, number>();
  const broken: string[] = [];
  const mustSayWhy = (verdict: { readonly why: { readonly text: string } }): void => {
    if (verdict.why.text === '') broken.push(`no reason for ${JSON.stringify(verdict)}`);
  };
  yield* eachSliced(report.jobs, (verdict) => {
    counts.set(verdict.jobId, (counts.get(verdict.jobId) ?? 0) + 1);
    const isEmpty = verdict.kind === 'served' && verdict.nodes.length === 0;
    if (isEmpty) broken.push(`job ${verdict.jobId} is served by no node`);
    mustSayWhy(verdict);
  });
  yield* eachSliced(queue.state === 'unknown' ? [] : queue.value.jobs, ({ id }) => {
    const count = counts.get(id) ?? 0;
    if (count !== 1) broken.push(`job ${id} has ${count} verdicts`);
  });
  yield* eachSliced(report.nodes, mustSayWhy);
  yield* eachSliced(report.offers, mustSayWhy);
  return broken;
}

function wakesLater({ nowMs }: Snapshot, { report }: Plan): string[] {
  const { wakeAtMs } = report;
  if (wakeAtMs === null || (Number.isFinite(wakeAtMs) && wakeAtMs >= nowMs)) return [];
  return [`wakes at ${wakeAtMs}, which is over at ${nowMs}`];
}
