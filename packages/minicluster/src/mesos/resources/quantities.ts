/** Sums of resources. An amount counts in thousandths, as Mesos does, so that sums are exact. */
import { Resource, type Value_Range } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';

/** Lists in which no two entries are of the same kind, role and reservations, and none is empty. */
export type Resources = readonly Resource[];

type Amount =
  | { readonly kind: 'scalar'; readonly milli: number }
  | { readonly kind: 'ranges'; readonly ranges: readonly Range[] }
  | { readonly kind: 'set'; readonly items: readonly string[] };

interface Range {
  readonly begin: bigint;
  readonly end: bigint;
}

export function add(a: Resources, b: Resources): Resource[] {
  return combine(a, b, amountSum);
}

/** What `a` has beyond `b`; never less than nothing. */
export function subtract(a: Resources, b: Resources): Resource[] {
  return combine(a, b, amountDifference);
}

/** Whether all of `part` is in `whole`. */
export function contains(whole: Resources, part: Resources): boolean {
  return subtract(part, whole).length === 0;
}

export function sum(lists: readonly Resources[]): Resource[] {
  return lists.reduce<Resource[]>((total, list) => add(total, list), []);
}

/** As belonging to `role` now; resources that already belong to a role keep it. */
export function allocated(resources: Resources, role: string): Resource[] {
  return resources.map((resource) => ({ ...resource, allocationInfo: resource.allocationInfo ?? { role } }));
}

export function unallocated(resources: Resources): Resource[] {
  return resources.map((resource) => ({ ...resource, allocationInfo: undefined }));
}

/** The roles that resources are reserved for, outermost first; empty for what anybody may have. */
export function reservationRoles(resource: Resource): string[] {
  return resource.reservations.map((reservation) => reservation.role ?? '*');
}

/** How much of a scalar kind there is, in thousandths. */
export function scalarMilli(resources: Resources, name: string): number {
  return resources
    .filter((resource) => resource.name === name)
    .reduce((total, resource) => total + milliOf(resource), 0);
}

/**
 * In the form that we count in: what a framework without RESERVATION_REFINEMENT says with `role` is
 * said with `reservations`.
 */
export function normalised(resources: Resources): Resource[] {
  return resources.map((resource) => {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the old form is what is translated here
    const { role, reservation, reservations } = resource;
    const plain = { ...resource, role: undefined, reservation: undefined };
    if (reservations.length > 0 || role === undefined || role === '*') return plain;
    return {
      ...plain,
      reservations: [{ ...reservation, type: reservation === undefined ? 'STATIC' : 'DYNAMIC', role }],
    };
  });
}

function combine(a: Resources, b: Resources, merge: (x: Amount, y: Amount) => Amount): Resource[] {
  const result = new Map<string, Resource>();
  fold(result, a, amountSum);
  fold(result, b, merge);
  return [...result.values()].filter((resource) => !isNothing(amountOf(resource)));
}

function fold(result: Map<string, Resource>, list: Resources, merge: (x: Amount, y: Amount) => Amount): void {
  for (const resource of list) {
    const key = identity(resource);
    const before = result.get(key) ?? withAmount(resource, nothingLike(amountOf(resource)));
    result.set(key, withAmount(before, merge(amountOf(before), amountOf(resource))));
  }
}

/** Two resources with the same identity add up to one. */
function identity(resource: Resource): string {
  const amountless = { ...resource, scalar: undefined, ranges: undefined, set: undefined, role: undefined };
  return JSON.stringify(Resource.toJSON(amountless));
}

function amountOf(resource: Resource): Amount {
  if (resource.ranges !== undefined)
    return { kind: 'ranges', ranges: coalesced(resource.ranges.range.map(rangeOf)) };
  if (resource.set !== undefined) return { kind: 'set', items: [...new Set(resource.set.item)] };
  return { kind: 'scalar', milli: milliOf(resource) };
}

function withAmount(resource: Resource, amount: Amount): Resource {
  switch (amount.kind) {
    case 'scalar':
      return { ...resource, scalar: { value: amount.milli / 1000 } };
    case 'ranges':
      return { ...resource, ranges: { range: amount.ranges.map((range) => ({ ...range })) } };
    case 'set':
      return { ...resource, set: { item: [...amount.items] } };
  }
}

function milliOf(resource: Resource): number {
  return Math.round((resource.scalar?.value ?? 0) * 1000);
}

function rangeOf(range: Value_Range): Range {
  return { begin: range.begin ?? 0n, end: range.end ?? 0n };
}

function nothingLike(amount: Amount): Amount {
  switch (amount.kind) {
    case 'scalar':
      return { kind: 'scalar', milli: 0 };
    case 'ranges':
      return { kind: 'ranges', ranges: [] };
    case 'set':
      return { kind: 'set', items: [] };
  }
}

function isNothing(amount: Amount): boolean {
  switch (amount.kind) {
    case 'scalar':
      return amount.milli <= 0;
    case 'ranges':
      return amount.ranges.length === 0;
    case 'set':
      return amount.items.length === 0;
  }
}

function amountSum(x: Amount, y: Amount): Amount {
  if (x.kind === 'scalar' && y.kind === 'scalar') return { kind: 'scalar', milli: x.milli + y.milli };
  if (x.kind === 'ranges' && y.kind === 'ranges')
    return { kind: 'ranges', ranges: coalesced([...x.ranges, ...y.ranges]) };
  if (x.kind === 'set' && y.kind === 'set')
    return { kind: 'set', items: [...new Set([...x.items, ...y.items])] };
  return x;
}

function amountDifference(x: Amount, y: Amount): Amount {
  if (x.kind === 'scalar' && y.kind === 'scalar') return { kind: 'scalar', milli: x.milli - y.milli };
  if (x.kind === 'ranges' && y.kind === 'ranges')
    return { kind: 'ranges', ranges: rangesWithout(x.ranges, y.ranges) };
  if (x.kind === 'set' && y.kind === 'set')
    return { kind: 'set', items: x.items.filter((item) => !y.items.includes(item)) };
  return x;
}

function coalesced(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const range of [...ranges].sort((a, b) => (a.begin < b.begin ? -1 : 1))) {
    const last = result.at(-1);
    if (last === undefined || range.begin > last.end + 1n) result.push(range);
    else result[result.length - 1] = { begin: last.begin, end: last.end > range.end ? last.end : range.end };
  }
  return result;
}

function rangesWithout(ranges: readonly Range[], taken: readonly Range[]): Range[] {
  return taken.reduce<readonly Range[]>(
    (left, hole) =>
      left.flatMap((range) =>
        [
          { begin: range.begin, end: range.end < hole.begin ? range.end : hole.begin - 1n },
          { begin: range.begin > hole.end ? range.begin : hole.end + 1n, end: range.end },
        ].filter((piece) => piece.begin <= piece.end),
      ),
    ranges,
  ) as Range[];
}
