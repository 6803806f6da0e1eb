/** Job arrays: `-t 1-5,9%2` is one template entry and one job per element. */
import { PbsError } from '../shared/pbs-error.ts';
import type { Job } from './model.ts';
import type { Server } from './server.ts';
import { enqueue, settleWaiting } from './enqueue.ts';

const elementsMax = 100_000;

export interface ArrayRequest {
  readonly indexes: readonly number[];
  readonly slotLimit: number | null;
}

/** Null for anything but lists of numbers and ranges with an optional `%limit`. */
export function parseArrayRequest(text: string): ArrayRequest | null {
  const match = /^([\d,-]+)(?:%(\d{1,9}))?$/.exec(text);
  if (match === null) return null;
  const indexes: number[] = [];
  for (const piece of (match[1] ?? '').split(',')) {
    const range = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(piece);
    if (range === null) return null;
    const from = Number(range[1]);
    const to = Number(range[2] ?? from);
    if (to < from || indexes.length + to - from >= elementsMax) return null;
    for (let i = from; i <= to; i++) indexes.push(i);
  }
  return { indexes, slotLimit: match[2] === undefined ? null : Number(match[2]) };
}

export function createArray(server: Server, draft: Job, request: string): string {
  const array = parseArrayRequest(request);
  if (array === null) throw new PbsError(15083);
  const head = server.settings.serverName;
  const templateId = `${draft.seq}[].${head}`;
  const role = { kind: 'template', request, slotLimit: array.slotLimit } as const;
  enqueue(server, { ...draft, id: templateId, role });
  for (const [position, index] of array.indexes.entries()) {
    const limited = array.slotLimit !== null && position >= array.slotLimit;
    enqueue(server, {
      ...draft,
      id: `${draft.seq}[${index}].${head}`,
      role: { kind: 'element', templateId, index },
      name: `${draft.name}-${index}`,
      variables: [`PBS_ARRAYID=${index}`, ...draft.variables],
      outputPath: `${draft.outputPath}-${index}`,
      errorPath: `${draft.errorPath}-${index}`,
      queueRank: server.db.nextQueueRank++,
      holds: limited ? [...draft.holds, 'l'] : [...draft.holds],
      dependencies: draft.dependencies.map((d) => ({ ...d, jobs: [...d.jobs] })),
    });
  }
  settleTemplate(server, templateId);
  server.wantCycle();
  return templateId;
}

export function elementsOf(server: Server, templateId: string): Job[] {
  return server.jobList.filter((job) => job.role.kind === 'element' && job.role.templateId === templateId);
}

/** Lets elements past the slot limit go as others end, and tells the template how its elements fare. */
export function settleTemplate(server: Server, templateId: string): void {
  const template = server.jobs.get(templateId);
  if (template?.role.kind !== 'template') return;
  const elements = elementsOf(server, templateId);
  const { slotLimit } = template.role;
  if (slotLimit !== null) releaseSlots(server, elements, slotLimit);
  const states = elements.map((job) => job.state);
  const state = (['R', 'Q', 'E', 'W', 'H'] as const).find((letter) => states.includes(letter)) ?? 'C';
  if (state === 'C' && template.state !== 'C') template.completedMs = server.nowMs;
  template.state = state;
  template.mtimeS = server.nowS;
  server.changed();
}

function releaseSlots(server: Server, elements: readonly Job[], slotLimit: number): void {
  const going = elements.filter((job) => job.state !== 'C' && !job.holds.includes('l')).length;
  const waiting = elements.filter((job) => job.state !== 'C' && job.holds.includes('l'));
  for (const job of waiting.slice(0, Math.max(0, slotLimit - going))) {
    job.holds = job.holds.filter((hold) => hold !== 'l');
    settleWaiting(server, job);
  }
}
