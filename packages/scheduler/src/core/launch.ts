/** Writes the launches of a plan out in full: ids, names, sizes, ports. */
import type { LaunchDecision } from './decisions.ts';
import type { Intent } from './facts.ts';
import type { Growth } from './growth.ts';
import { requestIdOf, taskIdOf } from './names.ts';
import type { OpenNode } from './opening.ts';
import type { Reason } from './reasons.ts';
import { launchFor, launchForFloor } from './reasons-demand.ts';
import type { Survey } from './survey.ts';

export function launches({ snapshot, policy }: Survey, growth: Growth): readonly LaunchDecision[] {
  const { frameworkId } = snapshot.mesos;
  if (frameworkId === null) return [];
  const jobsByNode = jobsOfNodes(growth);
  return growth.launches.map((node, index) => {
    const jobs = jobsByNode.get(node.agent.nodeName) ?? [];
    const why = jobs.length > 0 ? launchFor(jobs, node.size.np) : launchForFloor(policy.minSlotsHeld);
    const intent = intentOf(node, snapshot.nextSerial + index, snapshot.nowMs, policy.executorId);
    return launchOf(node, intent, requestIdOf(policy.ownerMark, { frameworkId, taskId: intent.taskId }), why);
  });
}

function launchOf({ agent }: OpenNode, intent: Intent, requestId: string, why: Reason): LaunchDecision {
  const offerIds = agent.offers.map((offer) => offer.id);
  return { kind: 'launch', offerIds, host: agent.host, intent, requestId, why };
}

function intentOf(
  { agent, size }: OpenNode,
  serial: number,
  nowMs: number,
  executorId: string | null,
): Intent {
  return {
    taskId: taskIdOf(agent.nodeName, serial),
    agentId: agent.agentId,
    nodeName: agent.nodeName,
    np: size.np,
    gpus: size.resources.gpus,
    properties: agent.properties,
    resources: size.resources,
    ports: agent.ports,
    launchedAtMs: nowMs,
    executorId,
    goal: { kind: 'hold' },
  };
}

function jobsOfNodes(growth: Growth): ReadonlyMap<string, readonly string[]> {
  const jobs = new Map<string, string[]>();
  for (const { jobId, taken } of growth.served) {
    for (const { node } of taken) {
      const found = jobs.get(node);
      if (found === undefined) jobs.set(node, [jobId]);
      else found.push(jobId);
    }
  }
  return jobs;
}
