/** Offers in the planner's words. */
import type { Attribute, Offer, Unavailability } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { quote } from '@mesos-torque/common/text.ts';
import { add, nothing } from '@mesos-torque/common/units.ts';
import type { ResourceVector } from '@mesos-torque/common/units.ts';
import type { OfferFacts } from '../core/facts.ts';
import type { Piece } from './resource-pieces.ts';
import { usablePieces } from './resource-pieces.ts';
import { readHost, readId } from './read-id.ts';

export type OfferReading =
  | { readonly ok: true; readonly facts: OfferFacts }
  /** `offerId` is null when not even that could be read. */
  | { readonly ok: false; readonly offerId: string | null; readonly why: string };

/** Reads an offer; one that cannot be read as a whole is not used in part. */
export function readOffer(offer: Offer, receivedAtMs: number): OfferReading {
  const offerId = readId(offer.id);
  const fail = (why: string): OfferReading => ({
    ok: false,
    offerId,
    why: `offer ${offerId ?? '?'}: ${why}`,
  });
  const agentId = readId(offer.agentId);
  const host = readHost(offer.hostname);
  if (offerId === null) return fail('no readable id');
  if (agentId === null) return fail('no readable agent id');
  if (host === null) return fail(`host name ${quote(offer.hostname ?? '')} cannot be one`);
  const reading = usablePieces(offer.resources);
  if (!reading.ok) return fail(reading.why);
  const attributes = readAttributes(offer.attributes);
  if (!attributes.ok) return fail(attributes.why);
  const facts = {
    id: offerId,
    agentId,
    host,
    resources: sumOf(reading.pieces),
    ports: reading.pieces.flatMap((piece) => (piece.kind === 'ports' ? piece.ranges : [])),
    attributes: { ...faultDomain(offer), ...attributes.value },
    receivedAtMs,
    unavailableFromMs: readWindow(offer.unavailability).fromMs,
  };
  return { ok: true, facts };
}

function sumOf(pieces: readonly Piece[]): ResourceVector {
  return pieces.reduce<ResourceVector>(
    (sum, piece) => (piece.kind === 'ports' ? sum : add(sum, { ...nothing, [piece.kind]: piece.amount })),
    nothing,
  );
}

/** Region and zone as attributes, unless the agent has attributes of these names. */
function faultDomain({ domain }: Offer): Readonly<Record<string, string>> {
  const region = domain?.faultDomain?.region?.name;
  const zone = domain?.faultDomain?.zone?.name;
  return {
    ...(region === undefined ? {} : { region }),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** Begin and end of an unavailability in milliseconds, null where it does not say. */
export function readWindow(unavailability: Unavailability | undefined): {
  readonly fromMs: number | null;
  readonly untilMs: number | null;
} {
  const fromMs = millisecondsOf(unavailability?.start?.nanoseconds);
  const lengthMs = millisecondsOf(unavailability?.duration?.nanoseconds);
  return { fromMs, untilMs: fromMs === null || lengthMs === null ? null : fromMs + lengthMs };
}

function millisecondsOf(nanoseconds: bigint | undefined): number | null {
  return nanoseconds === undefined ? null : Number(nanoseconds / 1_000_000n);
}

type AttributesReading =
  | { readonly ok: true; readonly value: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly why: string };

/** By name, as text; where an agent has several of one name, all of them, separated by commas. */
export function readAttributes(attributes: readonly Attribute[]): AttributesReading {
  const byName = new Map<string, string>();
  for (const attribute of attributes) {
    const { name } = attribute;
    if (name === undefined || name === '') return { ok: false, why: 'an attribute without a name' };
    const text = textOf(attribute);
    if (text === null) {
      return {
        ok: false,
        why: `attribute ${quote(name)} of type ${attribute.type ?? 'none'} without its value`,
      };
    }
    const before = byName.get(name);
    byName.set(name, before === undefined ? text : `${before},${text}`);
  }
  return { ok: true, value: Object.fromEntries(byName) };
}

/** An attribute's value in Mesos' own spelling, null where it has none: `r1`, `2.5`, `[1-3, 7-9]`. */
function textOf(attribute: Attribute): string | null {
  switch (attribute.type) {
    case 'TEXT':
      return attribute.text?.value ?? null;
    case 'SCALAR':
      return attribute.scalar?.value?.toString() ?? null;
    case 'RANGES': {
      const ranges = attribute.ranges?.range.map(({ begin, end }) => `${String(begin)}-${String(end)}`);
      return ranges === undefined ? null : `[${ranges.join(', ')}]`;
    }
    case 'SET':
      return attribute.set === undefined ? null : `{${attribute.set.item.join(', ')}}`;
    case 'UNRECOGNIZED':
    case undefined:
      return null;
  }
}
