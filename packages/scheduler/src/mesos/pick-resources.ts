/**
 * Takes exactly what a task needs from the resources of its offers. Every resource that is sent back
 * is the one that was offered, allocation and reservations included, with a smaller amount.
 */
import type { Resource } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { amount, resourceKinds } from '@mesos-torque/common/units.ts';
import type { ResourceKind, ResourceVector } from '@mesos-torque/common/units.ts';
import type { MomPorts } from '../core/facts.ts';
import type { Piece, PortRange } from './resource-pieces.ts';

export type Picked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/** What is left of the pieces while parts of it are handed out. */
export class Pool {
  readonly #scalars: { readonly kind: ResourceKind; left: number; readonly offered: Resource }[] = [];
  readonly #ports: { ranges: readonly PortRange[]; readonly offered: Resource }[] = [];

  /** Pieces are used in their order. */
  constructor(pieces: readonly Piece[]) {
    for (const piece of pieces) {
      if (piece.kind === 'ports') this.#ports.push({ ranges: piece.ranges, offered: piece.offered });
      else this.#scalars.push({ kind: piece.kind, left: piece.amount, offered: piece.offered });
    }
  }

  /** Exactly this much of every kind; kinds of which nothing is wanted are left out. */
  take(wanted: ResourceVector): Picked<Resource[]> {
    const taken: Resource[] = [];
    for (const kind of resourceKinds) {
      let missing = wanted[kind];
      if (missing < 0) return { ok: false, why: `${amount(kind, missing)} wanted` };
      for (const part of this.#scalars) {
        if (part.kind !== kind || missing === 0) continue;
        const now = Math.min(part.left, missing);
        if (now === 0) continue;
        part.left -= now;
        missing -= now;
        taken.push(withAmount(part.offered, kind, now));
      }
      if (missing > 0) {
        return { ok: false, why: `${amount(kind, missing)} short of ${amount(kind, wanted[kind])}` };
      }
    }
    return { ok: true, value: taken };
  }

  /** Exactly these ports. */
  takePorts(ports: MomPorts): Picked<Resource[]> {
    if (ports.service === ports.manager) {
      return { ok: false, why: `port ${ports.service} is wanted for both services of a mom` };
    }
    const wanted = [ports.service, ports.manager].sort((a, b) => a - b);
    const missing = new Set(wanted);
    const taken: Resource[] = [];
    for (const part of this.#ports) {
      const here = wanted.filter(
        (port) => missing.has(port) && part.ranges.some((range) => isIn(port, range)),
      );
      if (here.length === 0) continue;
      for (const port of here) missing.delete(port);
      part.ranges = part.ranges.flatMap((range) => without(range, here));
      taken.push(withPorts(part.offered, here));
    }
    const [short] = missing;
    return short === undefined
      ? { ok: true, value: taken }
      : { ok: false, why: `port ${short} is not among those offered` };
  }
}

function withAmount(offered: Resource, kind: ResourceKind, part: number): Resource {
  return { ...offered, scalar: { value: kind === 'cpuMilli' ? part / 1000 : part } };
}

function withPorts(offered: Resource, ports: readonly number[]): Resource {
  const range = ports.map((port) => ({ begin: BigInt(port), end: BigInt(port) }));
  return { ...offered, ranges: { range } };
}

function isIn(port: number, range: PortRange): boolean {
  return range.begin <= port && port <= range.end;
}

/** What is left of a range, as ranges, without these ports. */
function without(range: PortRange, ports: readonly number[]): PortRange[] {
  const left: PortRange[] = [];
  let { begin } = range;
  for (const port of ports) {
    if (!isIn(port, range)) continue;
    if (begin < port) left.push({ begin, end: port - 1 });
    begin = port + 1;
  }
  if (begin <= range.end) left.push({ begin, end: range.end });
  return left;
}
