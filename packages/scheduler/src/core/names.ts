/**
 * The names that tie a Mesos task to a TORQUE node. They are written where neither side loses them:
 * the task id holds the node's name (answers to RECONCILE carry no labels and no data), the node's
 * `requestid` holds framework and task.
 */

const taskIdPattern = /^mom\.(?<node>[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?)\.(?<serial>[0-9]{1,15})$/;

/** Task id of the `serial`-th launch, for the mom on `nodeName`. */
export function taskIdOf(nodeName: string, serial: number): string {
  return `mom.${nodeName}.${serial}`;
}

/** The node name in a task id of ours, null for any other id. */
export function nodeNameOf(taskId: string): string | null {
  return taskIdPattern.exec(taskId)?.groups?.['node'] ?? null;
}

/** The serial number in a task id of ours, null for any other id. Later launches have larger ones. */
export function serialOf(taskId: string): number | null {
  const serial = taskIdPattern.exec(taskId)?.groups?.['serial'];
  return serial === undefined ? null : Number(serial);
}

export interface OwnerMark {
  readonly frameworkId: string;
  readonly taskId: string;
}

/** `requestid` of a node of ours: `<mark>.<framework>.<task>`. */
export function requestIdOf(mark: string, owner: OwnerMark): string {
  return `${mark}.${owner.frameworkId}.${owner.taskId}`;
}

/**
 * Framework and task of a node's `requestid`, null when it is not ours. Framework ids have no dot
 * (Mesos makes them of a UUID and a number); one that has is refused at subscription.
 */
export function ownerOf(mark: string, requestId: string | null): OwnerMark | null {
  if (requestId?.startsWith(`${mark}.`) !== true) return null;
  const rest = requestId.slice(mark.length + 1);
  const dot = rest.indexOf('.');
  if (dot <= 0) return null;
  const taskId = rest.slice(dot + 1);
  return nodeNameOf(taskId) === null ? null : { frameworkId: rest.slice(0, dot), taskId };
}
