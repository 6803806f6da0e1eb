/** What explanations of jobs, nodes, offers and agents are made of. */
import { amount, grouped, resourceKinds, type ResourceVector } from '@mesos-torque/common/units.ts';
import type { JobFacts, JobRequest } from './facts.ts';
import type { Want } from './pool.ts';
import { counted, type Reason } from './reasons.ts';
import type { Ask } from './shapes.ts';
import { eachSliced, type Sliced } from './sliced.ts';

export type AboutKind = 'job' | 'node' | 'offer' | 'agent';

export interface Line {
  readonly text: string;
  /** Stable, where the line is a reason; empty otherwise. */
  readonly code: string;
  readonly about: { readonly kind: AboutKind; readonly id: string } | null;
}

export interface Section {
  readonly code:
    | 'verdict'
    | 'torque'
    | 'asks'
    | 'free'
    | 'on-the-way'
    | 'offers'
    | 'allocation'
    | 'agents'
    | 'wishes'
    | 'task'
    | 'jobs'
    | 'life';
  readonly title: string;
  readonly lines: readonly Line[];
}

export interface Explanation {
  readonly kind: AboutKind;
  readonly id: string;
  /** One plain sentence. */
  readonly conclusion: string;
  readonly sections: readonly Section[];
}

/** Lines of one section, at the most; how many more there are is said. */
const linesMax = 50;

export function section(code: Section['code'], title: string, lines: readonly Line[]): Section {
  const more = lines.length - linesMax;
  const shown = lines.slice(0, linesMax);
  return { code, title, lines: more > 0 ? [...shown, plain(`and ${counted(more, 'more line')}`)] : shown };
}

export function plain(text: string): Line {
  return { text, code: '', about: null };
}

export function told({ code, text }: Reason): Line {
  return { text, code, about: null };
}

export function about(kind: AboutKind, id: string, text: string, code = ''): Line {
  return { text, code, about: { kind, id } };
}

/** "2 nodes with 8 slots each, bigmem; 4,096 MiB on each". */
export function requestText(request: JobRequest): string {
  switch (request.kind) {
    case 'nodes': {
      const parts = request.parts.map(({ count, ppn, gpus, properties, host }) =>
        [
          host ?? counted(count, 'node'),
          `with ${counted(ppn, 'slot')}${count > 1 ? ' each' : ''}`,
          gpus > 0 ? `and ${counted(gpus, 'gpu')}` : '',
          properties.length > 0 ? `(${properties.join(', ')})` : '',
        ]
          .filter((word) => word !== '')
          .join(' '),
      );
      return [
        parts.join(', and '),
        request.memMibPerNode > 0 ? `${amount('memMib', request.memMibPerNode)} on each node` : '',
        request.memMibPerSlot > 0 ? `${amount('memMib', request.memMibPerSlot)} for each slot` : '',
        request.exclusive ? 'nodes of its own' : '',
      ]
        .filter((word) => word !== '')
        .join('; ');
    }
    case 'procs': {
      const memory = request.memMibPerSlot > 0 ? `; ${amount('memMib', request.memMibPerSlot)} for each` : '';
      return `${counted(request.slots, 'slot')} anywhere${memory}`;
    }
    case 'not-understood':
      return `not understood: ${request.text}`;
  }
}

/** What of an ask is counted, for one line. */
export function sizeOfAsk(ask: Ask): string {
  return ask.kind === 'slots' ? counted(ask.slots, 'slot') : counted(ask.nodes, 'node');
}

/** What is wanted of one node: "4 slots, 1 gpu, property bigmem". */
export function wantText({ slotsMin, gpus, properties, host }: Want): string {
  const words = [counted(slotsMin, 'slot')];
  if (gpus > 0) words.push(counted(gpus, 'gpu'));
  if (properties.length > 0) words.push(`property ${properties.join(', ')}`);
  if (host !== null) words.push(`host ${host}`);
  return words.join(', ');
}

/** "1.1 cpus, 132 MiB memory". */
export function amountsText(resources: ResourceVector): string {
  const parts = resourceKinds.flatMap((kind) => {
    const what = kind === 'memMib' ? ' memory' : kind === 'diskMib' ? ' disk' : '';
    return resources[kind] > 0 ? [`${amount(kind, resources[kind])}${what}`] : [];
  });
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

/** The number of a job, as people type it: "42" of "42.head.example.org". */
export function jobNumber(id: string): string {
  return id.split('.')[0] ?? id;
}

/** Jobs that a short or whole id means. */
export function* jobsCalled(id: string, jobs: readonly JobFacts[]): Sliced<readonly JobFacts[]> {
  const wanted = id.toLowerCase();
  const found: JobFacts[] = [];
  yield* eachSliced(jobs, (job) => {
    // Most ids are told apart by their first letters, which costs nothing.
    if (!job.id.startsWith(wanted.slice(0, 1))) return;
    const its = job.id.toLowerCase();
    if (its === wanted || its.startsWith(`${wanted}.`)) found.push(job);
  });
  const exact = found.filter((job) => job.id.toLowerCase() === wanted);
  return exact.length > 0 ? exact : found;
}

/** "3 min", "2.5 h": for people, coarse. */
export function ago(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 120) return `${grouped(s)} s`;
  if (s < 7200) return `${grouped(Math.round(s / 60))} min`;
  return `${grouped(Math.round(s / 360) / 10)} h`;
}
