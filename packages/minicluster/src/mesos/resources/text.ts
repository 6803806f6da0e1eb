/** Resources and attributes as text: how flags give them and how Mesos' messages name them. */
import {
  Attribute,
  Resource,
  type Value_Range,
  type Value_Ranges,
} from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { quote } from '@mesos-torque/common/text.ts';

/** `cpus(allocated: torque):0.5; ports(allocated: torque):[31000-31001]`, as 1.12 words it in refusals. */
export function resourcesText(resources: readonly Resource[]): string {
  return resources.map(resourceText).join('; ');
}

export function resourceText(resource: Resource): string {
  const role = resource.allocationInfo?.role;
  const allocation = role === undefined ? '' : `(allocated: ${role})`;
  const stack = resource.reservations.map(
    (r) => `(${[r.type, r.role, r.principal].filter((x) => x !== undefined).join(',')})`,
  );
  const reservations = stack.length === 0 ? '' : `(reservations: [${stack.join(',')}])`;
  return `${resource.name ?? ''}${allocation}${reservations}:${amountText(resource)}`;
}

function amountText(resource: Resource): string {
  if (resource.ranges !== undefined) return rangesText(resource.ranges);
  if (resource.set !== undefined) return `{${resource.set.item.join(', ')}}`;
  return String(resource.scalar?.value ?? 0);
}

export function rangesText(ranges: Value_Ranges): string {
  return `[${ranges.range.map((range) => `${range.begin ?? 0n}-${range.end ?? 0n}`).join(', ')}]`;
}

/**
 * Reads an agent's `--resources`: `cpus:4;mem:4096;ports:[31000-31100];cpus(torque):2`, the last a
 * static reservation. Throws with the piece that it cannot read.
 */
export function parseResources(text: string): Resource[] {
  return pieces(text).map((piece) => {
    const match = /^([A-Za-z_][\w-]*)(?:\(([^)]+)\))?:(.+)$/.exec(piece);
    if (match === null) throw new Error(`resource ${quote(piece)} is not name:value or name(role):value`);
    const [, name = '', role = '*', value = ''] = match;
    const reservations = role === '*' ? [] : [{ type: 'STATIC' as const, role }];
    return Resource.fromPartial({ name, reservations, ...parseResourceValue(value, piece) });
  });
}

type ResourceValue = Pick<Resource, 'type' | 'scalar' | 'ranges' | 'set'>;

function parseResourceValue(value: string, piece: string): ResourceValue {
  const ranges = parseRanges(value);
  if (ranges !== null) return { type: 'RANGES', ranges };
  const set = /^\{(.*)\}$/.exec(value)?.[1];
  if (set !== undefined) return { type: 'SET', set: { item: set.split(',').map((item) => item.trim()) } };
  const scalar = parseScalar(value);
  if (scalar === null || scalar < 0) throw new Error(`resource ${quote(piece)} has no amount, ranges or set`);
  return { type: 'SCALAR', scalar: { value: scalar } };
}

/** Reads an agent's `--attributes`: `rack:r1;ratio:2.5;cores:[1-4]`. Like the real agent it takes no sets. */
export function parseAttributes(text: string): Attribute[] {
  return pieces(text).map((piece) => {
    const colon = piece.indexOf(':');
    const name = piece.slice(0, colon).trim();
    const value = piece.slice(colon + 1).trim();
    if (colon <= 0 || value === '') throw new Error(`attribute ${quote(piece)} is not name:value`);
    if (value.startsWith('{'))
      throw new Error(`attribute ${quote(piece)} is a set: only scalars, ranges and text are taken`);
    return Attribute.fromPartial({ name, ...parseAttributeValue(value) });
  });
}

function parseAttributeValue(value: string): Pick<Attribute, 'type' | 'scalar' | 'ranges' | 'text'> {
  const ranges = parseRanges(value);
  if (ranges !== null) return { type: 'RANGES', ranges };
  const scalar = parseScalar(value);
  return scalar === null ? { type: 'TEXT', text: { value } } : { type: 'SCALAR', scalar: { value: scalar } };
}

function parseScalar(value: string): number | null {
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : null;
}

function parseRanges(value: string): Value_Ranges | null {
  const inner = /^\[(.*)\]$/.exec(value)?.[1];
  if (inner === undefined) return null;
  return { range: inner.split(',').map((piece) => parseRange(piece.trim())) };
}

function parseRange(piece: string): Value_Range {
  const match = /^(\d+)-(\d+)$/.exec(piece);
  if (match === null) throw new Error(`range ${quote(piece)} is not first-last`);
  return { begin: BigInt(match[1] ?? 0), end: BigInt(match[2] ?? 0) };
}

function pieces(text: string): string[] {
  return text
    .split(';')
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
}
