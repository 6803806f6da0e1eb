/** Explanations of a made-up cluster, in the shape of the real ones. */
import { ExplainResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import type { SampleCluster } from './sample-cluster.ts';

/** Null where there is no such thing. */
export function explanationOf(cluster: SampleCluster, kind: string, id: string): ExplainResponse | null {
  switch (kind) {
    case 'job':
      return jobExplanation(cluster, id);
    case 'node':
      return nodeExplanation(cluster, id);
    case 'offer':
    case 'agent':
      return otherExplanation(cluster, kind, id);
    default:
      return null;
  }
}

function line(text: string, aboutKind = '', aboutId = '', code = '') {
  return { text, aboutKind, aboutId, code };
}

function jobExplanation(cluster: SampleCluster, asked: string): ExplainResponse | null {
  const job = cluster.jobs.find(({ id }) => id === asked || id.startsWith(`${asked}.`));
  if (job === undefined) return null;
  const declined = cluster.offers.filter(({ verdict }) => verdict === 'declined').slice(0, 12);
  return ExplainResponse.fromPartial({
    kind: 'job',
    id: job.id,
    conclusion: `Job ${job.id} is ${job.verdict === 'waiting' ? 'waiting for a node' : job.verdict}: ${job.why}.`,
    plannedAtMs: cluster.status.plannedAtMs,
    sections: [
      { code: 'verdict', title: 'What mesos-torque says', lines: [line(job.why)] },
      {
        code: 'torque',
        title: 'What TORQUE says',
        lines: [
          line(`it is ${job.state} in queue ${job.queue}, owned by ${job.owner}`),
          ...(job.comment === '' ? [] : [line(`the TORQUE scheduler: "${job.comment}"`)]),
        ],
      },
      {
        code: 'asks',
        title: 'What it asks for',
        lines: [line(job.request), line('8 slots, 65,536 MiB of memory on each node')],
      },
      {
        code: 'free',
        title: 'What is free',
        lines: [line('node4.hpc.example.org: 2 of 8 slots free, 6 short', 'node', 'node4.hpc.example.org')],
      },
      {
        code: 'on-the-way',
        title: 'What is on its way',
        lines: [
          line('node7.hpc.example.org is registering, expected in 9 s', 'node', 'node7.hpc.example.org'),
        ],
      },
      {
        code: 'offers',
        title: 'What Mesos offers',
        lines: declined.map(({ id, host }) =>
          line(
            `${host}: memory: asked 65,536 MiB, offer had 48,000, short by 17,536`,
            'offer',
            id,
            'short-memory',
          ),
        ),
      },
      {
        code: 'allocation',
        title: 'What may still be taken',
        lines: [
          line('nodes: 48 of 60 held, 12 left'),
          line('cpus: 393.6 of 492 held, 98.4 left'),
          line('memory: not limited'),
        ],
      },
      {
        code: 'agents',
        title: 'Agents that are left alone for now',
        lines: [
          line('agent S9 would have fitted; it backs off for 240 s after 3 failed launches', 'agent', 'S9'),
        ],
      },
    ],
  });
}

function nodeExplanation(cluster: SampleCluster, name: string): ExplainResponse | null {
  const node = cluster.nodes.find((each) => each.name === name);
  if (node === undefined) return null;
  return ExplainResponse.fromPartial({
    kind: 'node',
    id: node.name,
    conclusion: `Node ${node.name} is ${node.phase}: ${node.why}.`,
    plannedAtMs: cluster.status.plannedAtMs,
    sections: [
      {
        code: 'task',
        title: 'What Mesos and the executor say',
        lines: [
          line(`${node.taskId} is ${node.taskState}`),
          line(`mom ${node.momStage}, ${node.momHealth || 'health not told'}`),
        ],
      },
      { code: 'jobs', title: 'Jobs on it', lines: node.jobs.map((id) => line(`${id} runs here`, 'job', id)) },
    ],
  });
}

function otherExplanation(
  cluster: SampleCluster,
  kind: 'offer' | 'agent',
  id: string,
): ExplainResponse | null {
  const offer = cluster.offers.find((each) => (kind === 'offer' ? each.id === id : each.agentId === id));
  if (offer === undefined) return null;
  return ExplainResponse.fromPartial({
    kind,
    id,
    conclusion: `The offer of ${offer.host} is ${offer.verdict}: ${offer.why}.`,
    sections: [{ code: 'verdict', title: 'What mesos-torque says', lines: [line(offer.why)] }],
  });
}
