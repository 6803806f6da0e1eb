/**
 * Constraints on agents by their attributes, in the words that Marathon made known. `hostname` stands for
 * the agent's host; `region` and `zone` for its fault domain, where no attribute of that name is set.
 *
 *     os:LIKE:ubuntu.*   os:UNLIKE:.*beta   disk:CLUSTER:ssd   rack:UNIQUE   rack:MAX_PER:2   rack:GROUP_BY
 *
 * What groups (UNIQUE, MAX_PER, GROUP_BY) is also a property of the nodes, for by that it is known of the
 * nodes that stand, after a restart too.
 */
import type { Survey } from './survey.ts';
import { counted, quoted, type Reason } from './reasons.ts';

export type Constraint =
  | { readonly attribute: string; readonly kind: 'like' | 'unlike'; readonly pattern: string }
  | { readonly attribute: string; readonly kind: 'cluster'; readonly value: string }
  /** At most `count` nodes for each value; UNIQUE is one. */
  | { readonly attribute: string; readonly kind: 'max-per'; readonly count: number }
  /** Nodes are spread evenly over the values, as far as offers allow. */
  | { readonly attribute: string; readonly kind: 'group-by' };

/** Attributes whose values have to be known of nodes that stand. */
export function groupingAttributes(constraints: readonly Constraint[]): readonly string[] {
  const grouping = constraints.filter(({ kind }) => kind === 'max-per' || kind === 'group-by');
  return grouping.map(({ attribute }) => attribute).filter((attribute) => attribute !== 'hostname');
}

/** An agent as constraints see it. */
export interface Constrained {
  readonly nodeName: string;
  readonly agentId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Ruling {
  /** Why nothing may be launched there; null if it may. */
  readonly refused: Reason | null;
  /** Lower ones come first. */
  readonly rank: number;
}

/**
 * Goes over the agents in their order. Of a group with room for k more nodes the first k agents are
 * allowed, so that one plan never takes more than there is room for.
 */
export function constrain(
  agents: readonly Constrained[],
  survey: Survey,
  propertyOf: PropertyOf,
): readonly Ruling[] {
  const { constraints } = survey.policy;
  const groups = constraints.map((constraint) => new Groups(constraint.attribute, survey, propertyOf));
  return agents.map((agent) => {
    const reasons = constraints.map((one, index) => against(one, agent, groups[index]));
    const refused = reasons.find((reason) => reason !== null) ?? null;
    if (refused !== null) return { refused, rank: Infinity };
    const rank = groups.reduce((sum, group, index) => {
      const before = group.count(agent);
      group.add(agent);
      return constraints[index]?.kind === 'group-by' ? sum + before : sum;
    }, 0);
    return { refused: null, rank };
  });
}

export type PropertyOf = (attribute: string, value: string) => string | null;

function against(constraint: Constraint, agent: Constrained, groups: Groups | undefined): Reason | null {
  const { attribute, kind } = constraint;
  const value = valueOf(agent, attribute);
  switch (kind) {
    case 'like':
      if (value !== null && matches(constraint.pattern, value)) return null;
      return unmet(agent, attribute, value, `LIKE ${quoted(constraint.pattern)} is asked`);
    case 'unlike':
      if (value === null || !matches(constraint.pattern, value)) return null;
      return unmet(agent, attribute, value, `UNLIKE ${quoted(constraint.pattern)} is asked`);
    case 'cluster':
      return value === constraint.value
        ? null
        : unmet(agent, attribute, value, `${constraint.value} is asked`);
    case 'max-per': {
      const count = groups?.count(agent) ?? 0;
      if (value !== null && count < constraint.count) return null;
      const most = `${counted(constraint.count, 'node')} for each value at the most`;
      return unmet(agent, attribute, value, `${most}, there are ${String(count)} here`);
    }
    case 'group-by':
      return null;
  }
}

function valueOf({ attributes, nodeName }: Constrained, attribute: string): string | null {
  return attribute === 'hostname' ? nodeName : (attributes[attribute] ?? null);
}

function matches(pattern: string, value: string): boolean {
  return new RegExp(`^(?:${pattern})$`, 'u').test(value);
}

function unmet({ agentId }: Constrained, attribute: string, value: string | null, asked: string): Reason {
  const has = value === null ? `no attribute ${attribute}` : `${attribute} ${quoted(value)}`;
  return { code: 'constraint', text: `agent ${agentId} has ${has}; ${asked}` };
}

/** How many nodes each value of an attribute has: those that we hold, and those allowed in this plan. */
class Groups {
  readonly #attribute: string;
  readonly #counts = new Map<string, number>();
  readonly #propertyOf: PropertyOf;

  constructor(attribute: string, { snapshot }: Survey, propertyOf: PropertyOf) {
    this.#attribute = attribute;
    this.#propertyOf = propertyOf;
    for (const { nodeName, properties } of snapshot.intents) {
      const keys = attribute === 'hostname' ? [nodeName] : properties;
      for (const key of keys) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
  }

  count(agent: Constrained): number {
    return this.#counts.get(this.#keyOf(agent)) ?? 0;
  }

  add(agent: Constrained): void {
    this.#counts.set(this.#keyOf(agent), this.count(agent) + 1);
  }

  #keyOf(agent: Constrained): string {
    const value = valueOf(agent, this.#attribute);
    if (value === null) return '';
    return this.#attribute === 'hostname' ? value : (this.#propertyOf(this.#attribute, value) ?? value);
  }
}

/** Reads `rack:MAX_PER:2`; a problem in words otherwise. */
export function parseConstraint(text: string): Constraint | { readonly problem: string } {
  const [attribute = '', operator = '', ...rest] = text.split(':');
  const value = rest.join(':');
  if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/.test(attribute)) {
    return { problem: `${quoted(attribute)} is no name of an attribute` };
  }
  const withValue = <T>(made: T): T | { readonly problem: string } =>
    value === '' ? { problem: `${operator} needs a value, as in ${attribute}:${operator}:VALUE` } : made;
  switch (operator) {
    case 'LIKE':
    case 'UNLIKE':
      if (!isPattern(value)) return { problem: `${quoted(value)} is no regular expression` };
      return withValue({ attribute, kind: operator === 'LIKE' ? 'like' : 'unlike', pattern: value });
    case 'CLUSTER':
      return withValue({ attribute, kind: 'cluster', value });
    case 'UNIQUE':
      return value === '' ? { attribute, kind: 'max-per', count: 1 } : { problem: 'UNIQUE takes no value' };
    case 'MAX_PER':
      if (!/^[1-9][0-9]{0,4}$/.test(value)) return { problem: 'MAX_PER takes a number from 1 to 99,999' };
      return { attribute, kind: 'max-per', count: Number(value) };
    case 'GROUP_BY':
      return value === '' ? { attribute, kind: 'group-by' } : { problem: 'GROUP_BY takes no value here' };
    default:
      return { problem: `${quoted(operator)} is none of LIKE, UNLIKE, CLUSTER, UNIQUE, MAX_PER, GROUP_BY` };
  }
}

export function constraintText(constraint: Constraint): string {
  const { attribute, kind } = constraint;
  switch (kind) {
    case 'like':
      return `${attribute}:LIKE:${constraint.pattern}`;
    case 'unlike':
      return `${attribute}:UNLIKE:${constraint.pattern}`;
    case 'cluster':
      return `${attribute}:CLUSTER:${constraint.value}`;
    case 'max-per':
      return constraint.count === 1
        ? `${attribute}:UNIQUE`
        : `${attribute}:MAX_PER:${String(constraint.count)}`;
    case 'group-by':
      return `${attribute}:GROUP_BY`;
  }
}

/** Nested repetition can take for ever to match, and attributes come from others. */
function isPattern(text: string): boolean {
  if (text.length > 200 || /[*+}]\)?[*+{]/.test(text)) return false;
  try {
    new RegExp(`^(?:${text})$`, 'u');
    return true;
  } catch {
    return false;
  }
}
