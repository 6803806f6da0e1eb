/** Puts the report of a plan together: a verdict on every job, node and offer. */
import { add, type ResourceVector } from '@mesos-torque/common/units.ts';
import type { JobVerdict, LaunchDecision, NodeVerdict, Report } from './decisions.ts';
import type { Demand } from './demand.ts';
import { heldBy, holding } from './grow-state.ts';
import type { Growth } from './growth.ts';
import { byName, byText } from './order.ts';
import type { Pass } from './pass.ts';
import type { PlacedJob, Placement } from './place.ts';
import { quarantineOf, type Quarantine } from './quarantine.ts';
import type { Reason } from './reasons.ts';
import { readingsMissing } from './reasons-trust.ts';
import { fitsNow, launchesInFlight, nodesOnTheirWay } from './reasons-demand.ts';
import type { Settlement } from './settle-offers.ts';
import { mapSliced, sortSliced, type Sliced } from './sliced.ts';
import type { Steps } from './steps.ts';
import { strayNodeName } from './strays.ts';
import { jobIds } from './jobs-on.ts';
import type { Survey } from './survey.ts';

interface Parts {
  readonly view: Survey;
  readonly demand: Demand;
  readonly placement: Placement;
  readonly growth: Growth;
  readonly launched: readonly LaunchDecision[];
  readonly steps: Steps;
  readonly settled: Settlement;
  readonly pass: Pass;
}

export function* reportOf(parts: Parts): Sliced<Report> {
  const { view, launched, settled, pass } = parts;
  const held = heldBy(view);
  const nodes = holding(view).length;
  const after = launched.reduce<ResourceVector>((sum, { intent }) => add(sum, intent.resources), held);
  const brake = isHolding(parts) ? view.brake : null;
  return {
    jobs: yield* jobVerdicts(parts),
    nodes: yield* nodeVerdicts(parts),
    offers: yield* sortSliced(
      settled.verdicts,
      byName((verdict) => verdict.offerId),
    ),
    held: { ...held, nodes },
    heldAfter: { ...after, nodes: nodes + launched.length },
    brake,
    quarantined: quarantined(view),
    notices: brake === null ? view.trust.notices : [...view.trust.notices, brake.why],
    wakeAtMs: pass.wakeAtMs,
  };
}

function quarantined({ snapshot, policy }: Survey): readonly Quarantine[] {
  const found = snapshot.trouble.flatMap((one) => quarantineOf(one, policy, snapshot.nowMs) ?? []);
  return found.sort(byName(({ agentId }) => agentId));
}

/** Whether something that is due is held back; before that there is nothing to confirm. */
function isHolding({ steps }: Parts): boolean {
  return [...steps.values()].some(({ why }) => why.code === 'braked');
}

function* jobVerdicts({ demand, placement, growth, view }: Parts): Sliced<readonly JobVerdict[]> {
  const deferred = new Set(deferredNodes(growth));
  const fitting = yield* mapSliced(placement.placed, (job) => served(job, fitsNow));
  const waiting = yield* mapSliced(growth.waiting, ({ jobId, why }): JobVerdict => {
    return { kind: 'waiting', jobId, why };
  });
  const coming = yield* mapSliced(growth.served, (job): JobVerdict => {
    const isDeferred = job.taken.some((one) => deferred.has(one.node));
    if (!isDeferred) return served(job, nodesOnTheirWay);
    return { kind: 'waiting', jobId: job.jobId, why: launchesInFlight(view.policy.launchesInFlightMax) };
  });
  const verdicts: JobVerdict[] = [...demand.verdicts, ...fitting, ...coming, ...waiting];
  return yield* sortSliced(verdicts, (a, b) => byText(a.jobId, b.jobId));
}

/** Nodes that are found for a job and wait for launches in flight to end. */
function deferredNodes(growth: Growth): string[] {
  return growth.deferred.map(({ node }) => node.agent.nodeName);
}

function served(job: PlacedJob, why: (nodes: readonly string[]) => Reason): JobVerdict {
  const nodes = job.taken.map((one) => one.node);
  return { kind: 'served', jobId: job.jobId, nodes, why: why(nodes) };
}

function* nodeVerdicts({ view, steps }: Parts): Sliced<NodeVerdict[]> {
  const ours = yield* mapSliced(view.ours, (node): NodeVerdict => {
    const { taskId, nodeName, np } = node.intent;
    const inTorque = 'node' in node ? node.node : null;
    return {
      node: nodeName,
      taskId,
      phase: node.phase,
      np,
      jobs: inTorque === null ? [] : jobIds(inTorque),
      why: steps.get(taskId)?.why ?? readingsMissing(),
    };
  });
  const strays = view.strays.map((task): NodeVerdict => {
    const why = steps.get(task.id)?.why ?? readingsMissing();
    return { node: strayNodeName(task), taskId: task.id, phase: 'suspect', np: 0, jobs: [], why };
  });
  return yield* sortSliced(
    [...ours, ...strays, ...view.bystanders],
    byName((verdict) => verdict.node),
  );
}
