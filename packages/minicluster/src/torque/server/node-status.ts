/** A node as pbsnodes and `qmgr list node` show it. */
import type { Attribute, Status } from '../shared/attribute.ts';
import { attribute } from '../shared/attribute.ts';
import type { Job, Node } from './model.ts';
import { holdsSlots } from './model.ts';
import { slotRanges } from './node-request.ts';
import { slotsInUse } from './placement.ts';

export function stateWords(node: Node, jobs: readonly Job[]): string[] {
  const words: string[] = [];
  if (node.down) words.push('down');
  if (node.offline || !node.listSent) words.push('offline');
  if (slotsInUse(node.name, jobs).size >= node.np) words.push('job-exclusive');
  if (node.busy) words.push('busy');
  if (!node.listSent) words.push('MOM-list-not-sent');
  return words.length === 0 ? ['free'] : words;
}

export function nodeStatus(node: Node, jobs: readonly Job[]): Status {
  const onNode = jobsOn(node, jobs);
  const list: (Attribute | null)[] = [
    attribute('state', stateWords(node, jobs).join(',')),
    attribute('power_state', 'Running'),
    attribute('np', node.np),
    node.properties.length === 0 ? null : attribute('properties', node.properties.join(',')),
    attribute('ntype', 'cluster'),
    onNode === '' ? null : attribute('jobs', onNode),
    node.status === null ? null : attribute('status', statusText(node)),
    node.note === null ? null : attribute('note', node.note),
    attribute('mom_service_port', node.servicePort),
    attribute('mom_manager_port', node.managerPort),
    node.ttl === null ? null : attribute('TTL', node.ttl),
    node.requestId === null ? null : attribute('requestid', node.requestId),
  ];
  return { name: node.name, attributes: list.filter((a) => a !== null) };
}

/** `0-3/95.head.torque.test` or `0/95.head,1/96.head`. */
function jobsOn(node: Node, jobs: readonly Job[]): string {
  const pieces: string[] = [];
  for (const job of jobs) {
    if (!holdsSlots(job)) continue;
    for (const part of job.exec) {
      if (part.node === node.name) pieces.push(`${slotRanges(part.slots)}/${job.id}`);
    }
  }
  return pieces.join(',');
}

/** The mom's words with the time at which the server took them in. */
function statusText(node: Node): string {
  const rectime = `rectime=${Math.floor((node.statusAtMs ?? 0) / 1000)}`;
  return (node.status ?? '').replace(/(^|,)jobs=/, `$1${rectime},jobs=`);
}
