/** Logs of nodes that are made up, as the scheduler would give them. */
import { GetNodeLogResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import type { SampleCluster } from './sample-cluster.ts';

/** Of this node's agent there is no answer. */
export const silentNode = 5;

const events: readonly (readonly [level: string, text: string])[] = [
  ['info', 'executor started  version=0.1.0'],
  ['info', 'task launched  taskId=mt.1'],
  [
    'info',
    'home prepared  folder=/var/lib/mesos/slaves/S3/frameworks/F1/executors/mt.1/runs/c0ffee/torque-home',
  ],
  ['info', 'pbs_mom started  momPid=4242  argv=/usr/sbin/pbs_mom -D -d /run/mesos-torque/1'],
  ['warn', 'pbs_mom nudged  why=pbs_mom and head.hpc.example.org have had no words for 90 s'],
  ['info', 'status sent  state=TASK_RUNNING  message=pbs_mom answers as node3.hpc.example.org  healthy=true'],
];

/** Null for a node that is not there. */
export function sampleLog(cluster: SampleCluster, node: string, file: string): GetNodeLogResponse | null {
  const known = cluster.nodes.find(({ name }) => name === node);
  if (known === undefined) return null;
  const atMs = Number(cluster.status.plannedAtMs);
  const ofMom = {
    level: 'error',
    text: '11/22/2026 07:11:20.123;01;pbs_mom.4242;Svr;x;LOG_ERROR::bad connect',
  };
  const ofExecutor = Array.from({ length: 40 }, (_, index) => {
    const [level = '', text = ''] = events[index % events.length] ?? [];
    return { atMs: BigInt(atMs - (40 - index) * 1_500), level, text };
  });
  return GetNodeLogResponse.fromPartial({
    node,
    taskId: known.taskId,
    agentId: known.agentId,
    agent: 'http://10.0.0.7:5051',
    file,
    lines: file === 'stdout' ? [ofMom] : ofExecutor,
    bytes: 123_456n,
    isCut: file !== 'stdout',
    readAtMs: BigInt(atMs),
  });
}
