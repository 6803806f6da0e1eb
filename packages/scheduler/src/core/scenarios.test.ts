/** Plays `scenarios/*.txt`: what is given stands above the line of dashes, the plan that is expected below. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { checkPlan } from './check-plan.ts';
import { plan } from './plan.ts';
import { readScenario, showPlan } from './testing/scenario.ts';

const folder = new URL('scenarios/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
/** `UPDATE_SCENARIOS=1` writes what the planner says now; the difference is then for a person to judge. */
const isUpdate = process.env['UPDATE_SCENARIOS'] === '1';
const line = '\n----\n';

describe('scenario', () => {
  test.each(names)('%s', (name) => {
    const file = new URL(name, folder);
    const [given = '', expected = ''] = readFileSync(file, 'utf8').split(line);
    const { snapshot, policy } = readScenario(given);
    const made = plan(snapshot, policy);
    const shown = `${showPlan(made)}\n`;
    if (isUpdate) writeFileSync(file, given.trimEnd() + line + shown);
    expect(checkPlan(snapshot, policy, made)).toEqual([]);
    if (!isUpdate) expect(shown).toBe(expected);
  });
});
