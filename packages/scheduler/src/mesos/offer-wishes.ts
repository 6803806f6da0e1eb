/**
 * Which offers we want, told to the master, so that it offers elsewhere what we would decline. It is a
 * courtesy, and never the only guard: the planner looks at each offer that comes all the same.
 */
import type { OfferFilters } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import type {
  AttributeConstraint,
  OfferConstraints,
} from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import type { ResourceVector } from '@mesos-torque/common/units.ts';
import type { Constraint } from '../core/constraints.ts';

export interface OfferWishes {
  readonly constraints: readonly Constraint[];
  /** An offer with less of a kind is of no use to us; 0: any amount is. */
  readonly least: Pick<ResourceVector, 'cpuMilli' | 'memMib'>;
}

/** For one role; null where the least is nothing. Without them Mesos offers from 0.01 cpus or 32 MB on. */
export function offerFilters({ least }: OfferWishes): OfferFilters | null {
  const quantities = {
    ...(least.cpuMilli > 0 ? { cpus: { value: least.cpuMilli / 1000 } } : {}),
    ...(least.memMib > 0 ? { mem: { value: least.memMib } } : {}),
  };
  if (Object.keys(quantities).length === 0) return null;
  return { minAllocatableResources: { quantities: [{ quantities }] } };
}

/** Null where no constraint can be told. All of them have to hold: one group. */
export function offerConstraints({ constraints }: OfferWishes, role: string): OfferConstraints | null {
  const told = constraints.map(attributeConstraint).filter((one) => one !== null);
  if (told.length === 0) return null;
  return { roleConstraints: { [role]: { groups: [{ attributeConstraints: told }] } } };
}

/**
 * Never asks for more than the constraint itself does, or we would not be offered what we could use. Mesos
 * compares texts alone, while we read numbers as texts too; so a comparison is told only where no number
 * could pass it, and otherwise no more than that the attribute has to be there. What `hostname` means to us
 * is the node's name, which need not be the name that Mesos knows.
 */
function attributeConstraint(constraint: Constraint): AttributeConstraint | null {
  const { attribute, kind } = constraint;
  if (attribute === 'hostname' || attribute === 'region' || attribute === 'zone') return null;
  const selector = { attributeName: attribute };
  switch (kind) {
    case 'like':
      return isPlain(constraint.pattern)
        ? { selector, predicate: { textMatches: { regex: constraint.pattern } } }
        : { selector, predicate: { exists: {} } };
    case 'unlike':
      return isPlain(constraint.pattern)
        ? { selector, predicate: { textNotMatches: { regex: constraint.pattern } } }
        : null;
    case 'cluster':
      return /^[A-Za-z]/.test(constraint.value)
        ? { selector, predicate: { textEquals: { value: constraint.value } } }
        : { selector, predicate: { exists: {} } };
    case 'max-per':
      return { selector, predicate: { exists: {} } };
    case 'group-by':
      return null;
  }
}

/** The master's limit is a program of 100 instructions of RE2; a pattern of this length stays well below. */
const patternCharsMax = 40;

/**
 * Alternatives of letters, digits and simple wildcards, each beginning with a letter that has to be there:
 * no number passes, and RE2 reads them as JavaScript does.
 */
function isPlain(pattern: string): boolean {
  if (pattern.length > patternCharsMax) return false;
  return pattern.split('|').every((one) => /^[A-Za-z](?![*?{])(?:[A-Za-z0-9_-]|\.[*+?]?)*$/.test(one));
}

/** The first version of Mesos that knows offer constraints; an older one passes them over. */
export function knowsConstraints(masterVersion: string | null): boolean {
  const groups = /^(?<major>\d{1,4})\.(?<minor>\d{1,4})/.exec(masterVersion ?? '')?.groups;
  const major = Number(groups?.['major'] ?? 0);
  return major > 1 || (major === 1 && Number(groups?.['minor'] ?? 0) >= 11);
}
