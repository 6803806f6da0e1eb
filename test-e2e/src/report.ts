/** What came of the stories, for machines (JUnit's XML) and for people. */
import { unreachable } from '@mesos-torque/common/units.ts';

export type StoryOutcome =
  | { readonly kind: 'passed' }
  /** `kept`: the folder with all logs, the journal and each side's state. */
  | { readonly kind: 'failed'; readonly problems: readonly string[]; readonly kept: string | null }
  /** It cannot be played here, and why. */
  | { readonly kind: 'left-out'; readonly why: string };

export interface StoryResult {
  readonly title: string;
  /** One sentence: what the story shows when it passes. */
  readonly proves: string;
  readonly seconds: number;
  readonly outcome: StoryOutcome;
  /** Lines that tell what was seen, with the second of the story at which it was. */
  readonly seen: readonly { readonly second: number; readonly text: string }[];
}

export interface RunReport {
  readonly runtime: string;
  /** `stand-in` or `real 1.12.0`, by `mesos` and `torque`. */
  readonly programs: Readonly<Record<string, string>>;
  readonly startedAtMs: number;
  /** What setting up took, before the first story. */
  readonly setUpSeconds: number;
  readonly seconds: number;
  readonly stories: readonly StoryResult[];
}

export function hasFailed({ stories }: RunReport): boolean {
  return stories.some(({ outcome }) => outcome.kind === 'failed');
}

/** As Jenkins, GitLab and others read it. */
export function junitXml(report: RunReport): string {
  const { stories, startedAtMs, seconds } = report;
  const count = (kind: StoryOutcome['kind']): number =>
    stories.filter(({ outcome }) => outcome.kind === kind).length;
  const suite = [
    `name="mesos-torque stories (${escape(report.runtime)})"`,
    `tests="${String(stories.length)}" failures="${String(count('failed'))}" errors="0" skipped="${String(count('left-out'))}"`,
    `time="${seconds.toFixed(1)}" timestamp="${new Date(startedAtMs).toISOString()}"`,
  ].join(' ');
  const properties = Object.entries(report.programs).map(
    ([name, value]) => `    <property name="${escape(name)}" value="${escape(value)}"/>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite ${suite}>`,
    '  <properties>',
    ...properties,
    '  </properties>',
    ...stories.map(testcase),
    '</testsuite>',
    '',
  ].join('\n');
}

function testcase({ title, proves, seconds, outcome, seen }: StoryResult): string {
  const head = `  <testcase classname="stories" name="${escape(title)}" time="${seconds.toFixed(1)}">`;
  const out = [proves, ...seen.map(({ second, text }) => `${second.toFixed(1)} s  ${text}`)].join('\n');
  return [
    head,
    ...outcomeElement(outcome),
    `    <system-out>${escape(out)}</system-out>`,
    '  </testcase>',
  ].join('\n');
}

function outcomeElement(outcome: StoryOutcome): readonly string[] {
  switch (outcome.kind) {
    case 'passed':
      return [];
    case 'left-out':
      return [`    <skipped message="${escape(outcome.why)}"/>`];
    case 'failed': {
      const [first = 'it failed'] = outcome.problems;
      const all = [...outcome.problems, ...keptLine(outcome.kept)].join('\n');
      return [`    <failure message="${escape(first)}">${escape(all)}</failure>`];
    }
    default:
      return unreachable(outcome);
  }
}

/** Text of XML: what it may not hold at all becomes a question mark. */
function escape(text: string): string {
  const allowed = text.replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?');
  return allowed
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A line for each story, then what failed and what was left out. */
export function summaryText(report: RunReport): string {
  const { stories, programs } = report;
  const lines = stories.map((story) => `${mark(story.outcome)}  ${seconds(story.seconds)}  ${story.title}`);
  const named = Object.entries(programs).map(([name, value]) => `${name}: ${value}`);
  return [
    `${report.runtime}, ${named.join(', ')}`,
    '',
    ...lines,
    '',
    ...stories.flatMap(failureLines),
    ...stories.flatMap(leftOutLine),
    totals(report),
    '',
  ].join('\n');
}

function mark({ kind }: StoryOutcome): string {
  switch (kind) {
    case 'passed':
      return 'passed  ';
    case 'failed':
      return 'FAILED  ';
    case 'left-out':
      return 'LEFT OUT';
    default:
      return unreachable(kind);
  }
}

function seconds(value: number): string {
  return `${value.toFixed(1).padStart(6)} s`;
}

function failureLines({ title, outcome }: StoryResult): readonly string[] {
  if (outcome.kind !== 'failed') return [];
  const told = [...outcome.problems, ...keptLine(outcome.kept)].map((line) => `    ${line}`);
  return [`FAILED ${title}`, ...told, ''];
}

function keptLine(kept: string | null): readonly string[] {
  return kept === null ? [] : [`everything is kept in ${kept}`];
}

function leftOutLine({ title, outcome }: StoryResult): readonly string[] {
  return outcome.kind === 'left-out' ? [`LEFT OUT ${title}: ${outcome.why}`, ''] : [];
}

function totals({ stories, setUpSeconds, seconds: all }: RunReport): string {
  const of = (kind: StoryOutcome['kind']): number =>
    stories.filter(({ outcome }) => outcome.kind === kind).length;
  return `${String(of('passed'))} passed, ${String(of('failed'))} failed, ${String(of('left-out'))} left out, in ${String(Math.round(all))} s (setting up took ${String(Math.round(setUpSeconds))} s)`;
}
