/** Plays `episodes/*.txt`: several plans in a row, each carried out, with what happens in between. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { checkPlan } from './check-plan.ts';
import { play, readEpisode, writeEpisode } from './testing/episode.ts';

const folder = new URL('episodes/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
/** As for scenarios: `UPDATE_SCENARIOS=1` writes what the planner says now, for a person to judge. */
const isUpdate = process.env['UPDATE_SCENARIOS'] === '1';

describe('episode', () => {
  test.each(names)('%s', (name) => {
    const file = new URL(name, folder);
    const text = readFileSync(file, 'utf8');
    const chapters = readEpisode(text);
    const { policy, told } = play(chapters);
    const played = writeEpisode(
      chapters.map(({ given }, index) => ({ given, expected: `${told[index]?.shown ?? ''}\n` })),
    );
    if (isUpdate) writeFileSync(file, played);
    expect(told.map(({ snapshot, plan }) => checkPlan(snapshot, policy, plan))).toEqual(told.map(() => []));
    if (!isUpdate) expect(played).toBe(text);
  });
});
