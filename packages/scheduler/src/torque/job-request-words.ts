/** Words of a request, and how what is not understood is told. */
import { grouped } from '@mesos-torque/common/units.ts';
import type { JobRequest } from '../core/facts.ts';

export type NotUnderstood = Extract<JobRequest, { kind: 'not-understood' }>;

/** Larger counts than any cluster has; TORQUE itself ends at 65,535 slots of a node. */
const countMax = 1_000_000;
const textCharsMax = 200;

export const noCount = `is not a number from 1 to ${grouped(countMax)}`;

/** `why` goes on where `text` ends: `"tpn=4" asks for …`. */
export function notUnderstood(text: string, why: string): NotUnderstood {
  const shown = text.length <= textCharsMax ? text : `${text.slice(0, textCharsMax)}…`;
  return { kind: 'not-understood', text: shown, why };
}

export function isNotUnderstood(value: object): value is NotUnderstood {
  return 'kind' in value && value.kind === 'not-understood';
}

/** A whole number from 1 on; null for anything else. */
export function countOf(text: string): number | null {
  if (!/^[0-9]{1,7}$/.test(text)) return null;
  const count = Number(text);
  return count >= 1 && count <= countMax ? count : null;
}

/** A property as pbs_server takes it: a letter, then letters, digits and `- . _`. */
export function isProperty(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_.-]{0,252}$/.test(text);
}

/** A host's name may begin with a digit too. */
export function isHostWord(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,252}$/.test(text);
}
