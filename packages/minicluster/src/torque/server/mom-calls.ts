/** pbs_server's calls to moms. */
import type { JobOrder, MomRequest } from '../shared/api.ts';
import { resolveHost } from '../shared/hosts.ts';
import { parseDuration } from '../shared/times.ts';
import type { Reply } from '../shared/wire.ts';
import { request } from '../shared/wire.ts';
import type { Job, Node } from './model.ts';
import { resourceOf } from './model.ts';
import type { Server } from './server.ts';

const callMsMax = 10_000;

export function callMom(node: Node, body: MomRequest): Promise<Reply<unknown>> {
  return request({ host: node.address, port: node.servicePort }, body, callMsMax);
}

/** The node whose mom leads a job; null when it was deleted. */
export function motherSuperior(server: Server, job: Job): Node | null {
  const first = job.exec[0];
  return first === undefined ? null : server.node(first.node);
}

export function jobOrder(server: Server, job: Job): JobOrder {
  return {
    id: job.id,
    name: job.name,
    owner: job.owner,
    queue: job.queue,
    resources: job.resources,
    account: job.account ?? '',
    script: job.script,
    shell: job.shell,
    variables: job.variables,
    join: job.join,
    outputPath: job.outputPath,
    errorPath: job.errorPath,
    workDir: job.workDir,
    walltimeS: parseDuration(resourceOf(job, 'walltime') ?? ''),
    arrayIndex: job.role.kind === 'element' ? job.role.index : null,
    hosts: job.exec.map((part) => {
      const node = server.node(part.node);
      return {
        node: part.node,
        address: node?.address ?? resolveHost(server.hosts(), part.node) ?? '127.0.0.1',
        managerPort: node?.managerPort ?? 15003,
        slots: part.slots.length,
      };
    }),
  };
}

/** The hosts that trust each other, `ADDRESS:PORT`. */
export function hostList(server: Server): string[] {
  return server.db.nodes.filter((n) => n.listSent).map((n) => `${n.address}:${n.managerPort}`);
}
