/** Offer constraints: which agents a framework wants offers of, by their attributes. */
import { unreachable } from '@mesos-torque/common/units.ts';
import {
  type AttributeConstraint,
  type AttributeConstraint_Predicate,
  type AttributeConstraint_Selector,
  type OfferConstraints,
} from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { type Agent } from './master.ts';

/** Of the groups of a role one must hold, and of a group every constraint. No groups: every agent will do. */
export function meetsConstraints(agent: Agent, constraints: OfferConstraints | null, role: string): boolean {
  const groups = constraints?.roleConstraints[role]?.groups ?? [];
  return (
    groups.length === 0 || groups.some((group) => group.attributeConstraints.every((c) => holds(agent, c)))
  );
}

/** What 1.12 refuses: regular expressions that cannot be read. */
export function constraintsProblem(constraints: OfferConstraints | null): string | null {
  for (const [role, { groups }] of Object.entries(constraints?.roleConstraints ?? {})) {
    for (const constraint of groups.flatMap((group) => group.attributeConstraints)) {
      const problem = patternProblem(constraint.predicate);
      if (problem !== null) return `A role ${role} has an invalid 'AttributeConstraint': ${problem}`;
    }
  }
  return null;
}

function patternProblem(predicate: AttributeConstraint_Predicate | undefined): string | null {
  const pattern = predicate?.textMatches?.regex ?? predicate?.textNotMatches?.regex;
  if (pattern === undefined || matcher(pattern) !== null) return null;
  return `Failed to construct regex from pattern '${pattern}': missing ): ${pattern}`;
}

function holds(agent: Agent, constraint: AttributeConstraint): boolean {
  const { selector, predicate } = constraint;
  if (selector === undefined || predicate === undefined) return true;
  const values = selectedValues(agent, selector);
  const texts = values.filter((value) => value !== null);
  if (predicate.exists !== undefined) return values.length > 0;
  if (predicate.notExists !== undefined) return values.length === 0;
  if (predicate.textEquals !== undefined) return texts.includes(predicate.textEquals.value ?? '');
  if (predicate.textNotEquals !== undefined) return !texts.includes(predicate.textNotEquals.value ?? '');
  if (predicate.textMatches !== undefined) return matchesAny(texts, predicate.textMatches.regex ?? '');
  if (predicate.textNotMatches !== undefined) return !matchesAny(texts, predicate.textNotMatches.regex ?? '');
  return true;
}

/** The values that a selector finds; null for a value that is not text, which every text predicate passes over. */
function selectedValues(agent: Agent, selector: AttributeConstraint_Selector): (string | null)[] {
  switch (selector.pseudoattributeType) {
    case 'HOSTNAME':
      return [agent.hostname];
    case 'REGION':
    case 'ZONE':
      return [];
    case 'UNKNOWN':
    case 'UNRECOGNIZED':
    case undefined:
      return agent.attributes
        .filter((attribute) => attribute.name === selector.attributeName)
        .map((attribute) => attribute.text?.value ?? null);
    default:
      return unreachable(selector.pseudoattributeType);
  }
}

function matchesAny(texts: readonly string[], pattern: string): boolean {
  return texts.some((text) => matcher(pattern)?.test(text) === true);
}

function matcher(pattern: string): RegExp | null {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    return null;
  }
}
