import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttributeConstraint_Predicate } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { parseConstraint, type Constraint } from '../core/constraints.ts';
import { knowsConstraints, offerConstraints, offerFilters, type OfferWishes } from './offer-wishes.ts';

const nothing: OfferWishes['least'] = { cpuMilli: 0, memMib: 0 };

function read(text: string): Constraint {
  const constraint = parseConstraint(text);
  if ('problem' in constraint) throw new Error(constraint.problem);
  return constraint;
}

/** The one predicate that is told, and of which attribute; null where nothing is. */
function told(text: string): readonly [string | undefined, AttributeConstraint_Predicate] | null {
  const wishes = { constraints: [read(text)], least: nothing };
  const [group] = offerConstraints(wishes, 'torque')?.roleConstraints['torque']?.groups ?? [];
  const [constraint] = group?.attributeConstraints ?? [];
  return constraint?.predicate === undefined
    ? null
    : [constraint.selector?.attributeName, constraint.predicate];
}

describe('constraints are told as far as Mesos can compare', () => {
  test.each([
    ['os:LIKE:centos.*|debian', ['os', { textMatches: { regex: 'centos.*|debian' } }]],
    ['os:UNLIKE:windows.*', ['os', { textNotMatches: { regex: 'windows.*' } }]],
    ['rack:CLUSTER:r1', ['rack', { textEquals: { value: 'r1' } }]],
    ['rack:UNIQUE', ['rack', { exists: {} }]],
    ['rack:MAX_PER:3', ['rack', { exists: {} }]],
  ])('%s', (text, predicate) => {
    expect(told(text)).toEqual(predicate);
  });

  test.each([
    ['what a number could pass', 'rack:CLUSTER:12'],
    ['what a number could pass', 'rack:LIKE:[0-9]+'],
    ['what RE2 reads otherwise, or not at all', 'rack:LIKE:r(?=1).*'],
    ['what is long', `rack:LIKE:${'r'.repeat(41)}`],
  ])('%s is only asked to be there: %s', (_what, text) => {
    expect(told(text)).toEqual(['rack', { exists: {} }]);
  });

  test.each(['rack:GROUP_BY', 'rack:UNLIKE:[0-9]+', 'hostname:LIKE:node.*', 'region:CLUSTER:eu'])(
    '%s is not told',
    (text) => {
      expect(told(text)).toBeNull();
    },
  );

  test('all of them are one group, of our role', () => {
    const constraints = ['os:LIKE:centos.*', 'rack:UNIQUE', 'zone:GROUP_BY'].map(read);
    const made = offerConstraints({ constraints, least: nothing }, 'hpc/torque');
    expect(Object.keys(made?.roleConstraints ?? {})).toEqual(['hpc/torque']);
    expect(made?.roleConstraints['hpc/torque']?.groups[0]?.attributeConstraints).toHaveLength(2);
  });
});

/** As Mesos looks, in the strictest of its readings: a number, or nothing, passes no comparison but "not". */
function passes(predicate: AttributeConstraint_Predicate, value: string | null): boolean {
  const isText = value !== null && Number.isNaN(Number(value)) && !value.startsWith('[');
  if (predicate.exists !== undefined) return value !== null;
  if (predicate.textEquals !== undefined) return isText && value === predicate.textEquals.value;
  const regex = predicate.textMatches?.regex ?? predicate.textNotMatches?.regex ?? '';
  const matches = isText && new RegExp(`^(?:${regex})$`).test(value);
  return predicate.textMatches === undefined ? !matches : matches;
}

/** As `core/constraints` looks at one agent. */
function holds(constraint: Constraint, value: string | null): boolean {
  switch (constraint.kind) {
    case 'like':
      return value !== null && new RegExp(`^(?:${constraint.pattern})$`, 'u').test(value);
    case 'unlike':
      return value === null || !new RegExp(`^(?:${constraint.pattern})$`, 'u').test(value);
    case 'cluster':
      return value === constraint.value;
    case 'max-per':
      return value !== null;
    case 'group-by':
      return true;
  }
}

test('no agent that we could use is hidden from us by what we tell', () => {
  const piece = fc.constantFrom('r', '1', '[0-9]', '.', '*', '+', '?', '|', 'rack', '(', ')', '-', '2.5');
  const pattern = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
  const value = fc.oneof(
    fc.constant(null),
    fc.constantFrom('1', '2.5', '[1-3]', 'r1', 'rack', 'r', '12', 'rack1', 'rr'),
  );
  fc.assert(
    fc.property(fc.constantFrom('LIKE', 'UNLIKE', 'CLUSTER'), pattern, value, (operator, text, has) => {
      const constraint = parseConstraint(`rack:${operator}:${text}`);
      fc.pre(!('problem' in constraint));
      const predicate = told(`rack:${operator}:${text}`)?.[1];
      if (predicate === undefined || !holds(constraint, has)) return;
      expect(passes(predicate, has)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('the least offer is told in the units of Mesos, and nothing where any will do', () => {
  expect(offerFilters({ constraints: [], least: { cpuMilli: 1500, memMib: 640 } })).toEqual({
    minAllocatableResources: { quantities: [{ quantities: { cpus: { value: 1.5 }, mem: { value: 640 } } }] },
  });
  expect(offerFilters({ constraints: [], least: nothing })).toBeNull();
});

test.each([
  ['1.11.0', true],
  ['1.12.0-dev', true],
  ['2.0.0', true],
  ['1.10.1', false],
  ['1.9', false],
  ['', false],
  [null, false],
])('Mesos %s knows constraints: %s', (version, does) => {
  expect(knowsConstraints(version)).toBe(does);
});
