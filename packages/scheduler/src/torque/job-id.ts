/** Job ids as TORQUE prints them: `42.head`, `100[3].head` (an element), `100[].head` (the array itself). */
import { quote } from '@mesos-torque/common/text.ts';

export interface JobId {
  /** The whole id, as printed. */
  readonly text: string;
  readonly number: number;
  readonly part: { readonly kind: 'single' } | { readonly kind: 'array' } | ElementPart;
  /** The server that gave the id; empty where it is not shown (`display_job_server_suffix=False`). */
  readonly server: string;
}

interface ElementPart {
  readonly kind: 'element';
  readonly index: number;
}

const pattern =
  /^(?<number>[0-9]{1,12})(?<brackets>\[(?<index>[0-9]{0,9})\])?(?:\.(?<server>[A-Za-z0-9._-]{1,255}))?$/;

export type ParsedJobId =
  { readonly ok: true; readonly id: JobId } | { readonly ok: false; readonly error: string };

export function parseJobId(text: string): ParsedJobId {
  const groups = pattern.exec(text)?.groups;
  if (groups === undefined) return { ok: false, error: `${quote(text)} is no job id` };
  const { number, brackets, index, server } = groups;
  return {
    ok: true,
    id: { text, number: Number(number), part: partOf(brackets, index), server: server ?? '' },
  };
}

function partOf(brackets: string | undefined, index: string | undefined): JobId['part'] {
  if (brackets === undefined) return { kind: 'single' };
  return index === undefined || index === '' ? { kind: 'array' } : { kind: 'element', index: Number(index) };
}

/** The id of the array that an element belongs to: `100[3].head` → `100[].head`; null for other jobs. */
export function arrayOf(id: JobId): string | null {
  if (id.part.kind !== 'element') return null;
  return id.server === '' ? `${id.number}[]` : `${id.number}[].${id.server}`;
}
