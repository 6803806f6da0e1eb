/** Puts the report of a plan together: a verdict on every job, node and offer. */
import { add, type ResourceVector } from '@mesos-torque/common/units.ts';
import type { JobVerdict, LaunchDecision, NodeVerdict, Report } from './decisions.ts';
import type { Demand } from './demand.ts';
import { heldBy } from './grow-state.ts';
import type { Growth } from './growth.ts';
import { byName } from './order.ts';
import type { Pass } from './pass.ts';
import type { PlacedJob, Placement } from './place.ts';
import { readingsMissing, type Reason } from './reasons.ts';
import { fitsNow, launchesInFlight, nodesOnTheirWay } from './reasons-demand.ts';
import type { Settlement } from './settle-offers.ts';
import type { Steps } from './steps.ts';
import { strayNodeName } from './strays.ts';
import { jobIds, type Survey } from './survey.ts';

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

export function reportOf(parts: Parts): Report {
  const { view, launched, settled, pass } = parts;
  const held = heldBy(view);
  const nodes = view.snapshot.intents.length;
  const after = launched.reduce<ResourceVector>((sum, { intent }) => add(sum, intent.resources), held);
  return {
    jobs: jobVerdicts(parts),
    nodes: nodeVerdicts(parts),
    offers: [...settled.verdicts].sort(byName((verdict) => verdict.offerId)),
    held: { ...held, nodes },
    heldAfter: { ...after, nodes: nodes + launched.length },
    notices: view.trust.notices,
    wakeAtMs: pass.wakeAtMs,
  };
}

function jobVerdicts({ demand, placement, growth, view }: Parts): JobVerdict[] {
  const deferred = new Set(deferredNodes(growth));
  const verdicts: JobVerdict[] = [
    ...demand.verdicts,
    ...placement.placed.map((job) => served(job, fitsNow)),
    ...growth.served.map((job): JobVerdict => {
      const isDeferred = job.taken.some((one) => deferred.has(one.node));
      if (!isDeferred) return served(job, nodesOnTheirWay);
      return { kind: 'waiting', jobId: job.jobId, why: launchesInFlight(view.policy.launchesInFlightMax) };
    }),
    ...growth.waiting.map(({ jobId, why }): JobVerdict => ({ kind: 'waiting', jobId, why })),
  ];
  return verdicts.sort(byName((verdict) => verdict.jobId));
}

/** Nodes that are found for a job and wait for launches in flight to end. */
function deferredNodes(growth: Growth): string[] {
  return growth.deferred.map(({ node }) => node.agent.nodeName);
}

function served(job: PlacedJob, why: (nodes: readonly string[]) => Reason): JobVerdict {
  const nodes = job.taken.map((one) => one.node);
  return { kind: 'served', jobId: job.jobId, nodes, why: why(nodes) };
}

function nodeVerdicts({ view, steps }: Parts): NodeVerdict[] {
  const ours = view.ours.map((node): NodeVerdict => {
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
  return [...ours, ...strays, ...view.bystanders].sort(byName((verdict) => verdict.node));
}
