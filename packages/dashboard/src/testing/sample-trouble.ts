/** A cluster on which something is wrong: the brake holds, agents are in quarantine, tasks and nodes differ. */
import { GetStatusResponse, RepairResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { nodeName, type SampleCluster } from './sample-cluster.ts';

const brakeWhy =
  'the answers would remove 14 of 40 nodes (14 that pbsnodes does not show), 20 may go at once: none of them is removed until the answers recover, or until brake-1a2b3c4d is confirmed';

export function withTrouble(cluster: SampleCluster, nowMs: number): SampleCluster {
  const stopped = Array.from({ length: 14 }, (_, index) => ({
    node: nodeName(index + 3),
    taskId: `mt-${String(1003 + index)}`,
    cause: 'missing',
  }));
  const brake = { id: 'brake-1a2b3c4d', why: brakeWhy, stopped, affected: 14, standing: 40, allowed: 10 };
  const quarantined = [7, 9].map((index) => ({
    agentId: `8f7a1c52-6d3e-4b0e-9a51-3f2f6f1f9f10-S${String(index)}`,
    failures: 3,
    state: index === 7 ? 'resting' : 'probation',
    untilMs: BigInt(nowMs + (index === 7 ? 2_400_000 : -5_000)),
    evidence: ['TASK_FAILED: "pbs_mom exited 3"', 'TASK_FAILED: "no host list within 120 s"'],
  }));
  return {
    ...cluster,
    status: GetStatusResponse.fromPartial({ ...cluster.status, notices: [brakeWhy], brake, quarantined }),
    repair: RepairResponse.fromPartial({ brake, quarantined, steps }),
  };
}

const steps = [
  {
    node: nodeName(3),
    taskId: 'mt-1003',
    difference: 'task-without-node',
    evidence: ['Mesos: mt-1003 is TASK_RUNNING', `TORQUE: pbsnodes does not show ${nodeName(3)}`],
    what: 'the task is ended',
    why: 'waits for brake-1a2b3c4d',
    when: 'waits',
  },
  {
    node: nodeName(21),
    taskId: '',
    difference: 'two-names',
    evidence: [`TORQUE: ${nodeName(21)} and node22 are one machine`],
    what: 'one of the two is deleted',
    why: 'qmgr -c "delete node node22"',
    when: 'by-hand',
  },
];
