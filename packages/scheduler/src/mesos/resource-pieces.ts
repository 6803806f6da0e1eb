/**
 * The pieces that an offer is made of, as far as we may use them. Mesos offers one kind in several
 * resources, one per stack of reservations; what is sent back must carry the stack it was offered with.
 */
import type { Resource } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import type { ResourceKind } from '@mesos-torque/common/units.ts';
import { quote } from '@mesos-torque/common/text.ts';

export interface PortRange {
  readonly begin: number;
  readonly end: number;
}

/** A usable piece: how much of what, and the resource as offered. */
export type Piece =
  | { readonly kind: ResourceKind; readonly amount: number; readonly offered: Resource }
  | { readonly kind: 'ports'; readonly ranges: readonly PortRange[]; readonly offered: Resource };

export type PiecesReading =
  { readonly ok: true; readonly pieces: readonly Piece[] } | { readonly ok: false; readonly why: string };

/** Mesos' names and ours, and how many of our units one of Mesos' is. */
const scalars = new Map<string, { readonly kind: ResourceKind; readonly perUnit: number }>([
  ['cpus', { kind: 'cpuMilli', perUnit: 1000 }],
  ['mem', { kind: 'memMib', perUnit: 1 }],
  ['disk', { kind: 'diskMib', perUnit: 1 }],
  ['gpus', { kind: 'gpus', perUnit: 1 }],
]);

/** Beyond this, sums in whole numbers would not be exact. */
const amountMax = 2 ** 50;
const portMax = 65_535;

/**
 * The pieces that we may use: never revocable, shared, from a resource provider, or a disk that is a
 * volume or a device of its own; kinds that we have no use for are left out. Reserved pieces come
 * first, those with the deepest stack before all, so that what is kept for us is used before what
 * anyone could have.
 */
export function usablePieces(resources: readonly Resource[]): PiecesReading {
  const pieces: Piece[] = [];
  for (const resource of resources) {
    if (!isForUse(resource)) continue;
    const piece = readPiece(resource);
    if (piece === null) continue;
    if ('why' in piece) return { ok: false, why: piece.why };
    pieces.push(piece);
  }
  return {
    ok: true,
    pieces: pieces.sort((a, b) => reservationDepth(b.offered) - reservationDepth(a.offered)),
  };
}

function isForUse(resource: Resource): boolean {
  const { revocable, shared, providerId, disk } = resource;
  if (revocable !== undefined || shared !== undefined || providerId !== undefined) return false;
  return disk?.persistence === undefined && disk?.source === undefined;
}

/** With RESERVATION_REFINEMENT, which we declare, Mesos states reservations in this form alone. */
function reservationDepth({ reservations }: Resource): number {
  return reservations.length;
}

function readPiece(resource: Resource): Piece | { readonly why: string } | null {
  const { name } = resource;
  if (name === undefined || name === '') return { why: 'a resource without a name' };
  if (name === 'ports') return readPorts(resource);
  const scalar = scalars.get(name);
  return scalar === undefined ? null : readScalar(resource, name, scalar.kind, scalar.perUnit);
}

function readScalar(
  resource: Resource,
  name: string,
  kind: ResourceKind,
  perUnit: number,
): Piece | { readonly why: string } {
  const value = resource.scalar?.value;
  if (resource.type !== 'SCALAR' || value === undefined) {
    return { why: `resource ${quote(name)} of type ${resource.type ?? 'none'} without a scalar value` };
  }
  // Mesos counts in thousandths; what a double adds to that is rounded away before the cut.
  const amount = Math.floor(Math.round(value * 1000) * (perUnit / 1000));
  if (!Number.isFinite(value) || amount < 0 || amount > amountMax) {
    return { why: `resource ${quote(name)} of the amount ${value}` };
  }
  return { kind, amount, offered: resource };
}

function readPorts(resource: Resource): Piece | { readonly why: string } {
  if (resource.type !== 'RANGES' || resource.ranges === undefined) {
    return { why: `resource "ports" of type ${resource.type ?? 'none'} without ranges` };
  }
  const ranges: PortRange[] = [];
  for (const { begin, end } of resource.ranges.range) {
    if (begin === undefined || end === undefined || begin < 0n || begin > end || end > BigInt(portMax)) {
      return { why: `ports ${String(begin)}-${String(end)}, which is no range of ports` };
    }
    ranges.push({ begin: Number(begin), end: Number(end) });
  }
  return { kind: 'ports', ranges, offered: resource };
}
