import { expect, test } from 'vitest';
import {
  hasFailed,
  junitXml,
  summaryText,
  type RunReport,
  type StoryOutcome,
  type StoryResult,
} from './report.ts';

function story(title: string, outcome: StoryOutcome): StoryResult {
  return { title, proves: 'it works', seconds: 12.34, outcome, seen: [{ second: 1, text: 'a node came' }] };
}

function run(...stories: readonly StoryResult[]): RunReport {
  return {
    runtime: 'process',
    programs: { mesos: 'stand-in', torque: 'real 6.1.3' },
    startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    setUpSeconds: 3,
    seconds: 100.4,
    stories,
  };
}

const failed: StoryOutcome = { kind: 'failed', problems: ['job 1 is lost', 'node n1 is left'], kept: '/x/y' };

test('the XML counts stories and says which programs played', () => {
  const xml = junitXml(
    run(
      story('1 a', { kind: 'passed' }),
      story('2 b', failed),
      story('3 c', { kind: 'left-out', why: 'no docker' }),
    ),
  );
  expect(xml).toContain(
    '<testsuite name="mesos-torque stories (process)" tests="3" failures="1" errors="0" skipped="1" time="100.4" timestamp="2026-01-02T03:04:05.000Z">',
  );
  expect(xml).toContain('<property name="torque" value="real 6.1.3"/>');
  expect(xml).toContain('<testcase classname="stories" name="1 a" time="12.3">');
  expect(xml).toContain('<skipped message="no docker"/>');
  expect(xml).toContain(
    '<failure message="job 1 is lost">job 1 is lost\nnode n1 is left\neverything is kept in /x/y</failure>',
  );
  expect(xml).toContain('<system-out>it works\n1.0 s  a node came</system-out>');
});

test('what XML cannot hold is written so that it can', () => {
  const problems = ['"<&>" \u0000\u001b[1m \ud800 €'];
  const xml = junitXml(run(story('1 a', { kind: 'failed', problems, kept: null })));
  expect(xml).toContain('&quot;&lt;&amp;&gt;&quot; ??[1m ? €</failure>');
});

test('the summary has a line for each story, then what went wrong and what was not played', () => {
  const text = summaryText(
    run(
      story('1 a', { kind: 'passed' }),
      story('2 b', failed),
      story('3 c', { kind: 'left-out', why: 'no docker' }),
    ),
  );
  expect(text).toBe(
    [
      'process, mesos: stand-in, torque: real 6.1.3',
      '',
      'passed      12.3 s  1 a',
      'FAILED      12.3 s  2 b',
      'LEFT OUT    12.3 s  3 c',
      '',
      'FAILED 2 b',
      '    job 1 is lost',
      '    node n1 is left',
      '    everything is kept in /x/y',
      '',
      'LEFT OUT 3 c: no docker',
      '',
      '1 passed, 1 failed, 1 left out, in 100 s (setting up took 3 s)',
      '',
    ].join('\n'),
  );
});

test('a story that was left out is no failure', () => {
  expect(hasFailed(run(story('1 a', { kind: 'left-out', why: 'no docker' })))).toBe(false);
  expect(hasFailed(run(story('1 a', failed)))).toBe(true);
});
