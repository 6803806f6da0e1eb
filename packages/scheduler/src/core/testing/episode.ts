/**
 * Episodes as plain text: several plans, one after the other, and what happens in between. It begins with
 * a scenario (see `scenario.ts`); `=> plan` asks for the plan, what is expected follows until `then N s
 * later`, which carries the plan out in full, lets the time pass, tells what has changed and has everything
 * read anew. Beside the words of scenarios, which replace a thing of the same name, an episode knows:
 *
 *     task n1 state=TASK_RUNNING stage=answering momName=n1 healthy=yes message="…"   what Mesos says
 *     torque n1 states=free jobs=7        what pbsnodes shows of a node of ours
 *     foreign n9 framework=fw-2 task=…    a node with the mark of a framework
 *     trouble a failures=2 ago=5 message="…"
 *     gone job 7 | gone offer a | gone torque n1 | gone task n1 | gone trouble a
 */
import { plan } from '../plan.ts';
import type { Plan } from '../decisions.ts';
import type { Reading, Snapshot } from '../facts.ts';
import { apply } from './apply.ts';
import { storyMs } from './builders.ts';
import { change } from './episode-change.ts';
import { readScenario, showPlan, type Scenario } from './scenario.ts';

/** One pass: what is told before it, and what is expected of it. */
export interface Chapter {
  /** As written, with the `then` line; kept to the letter when the expected part is rewritten. */
  readonly given: string;
  readonly expected: string;
}

export interface Told {
  readonly snapshot: Snapshot;
  readonly plan: Plan;
  readonly shown: string;
}

export function readEpisode(text: string): Chapter[] {
  return text.split(/^(?=then )/m).map((chapter) => {
    const [given, expected, ...more] = chapter.split('=> plan\n');
    if (given === undefined || expected === undefined || more.length > 0) {
      throw new Error(`a chapter has one "=> plan": ${chapter}`);
    }
    return { given, expected };
  });
}

export function writeEpisode(chapters: readonly Chapter[]): string {
  return chapters.map(({ given, expected }) => `${given}=> plan\n${expected}`).join('');
}

/** Plays all chapters; each plan is carried out before the next chapter begins. */
export function play(chapters: readonly Chapter[]): {
  readonly policy: Scenario['policy'];
  readonly told: Told[];
} {
  const [first, ...later] = chapters;
  const { snapshot, policy } = readScenario(linesOf(first?.given ?? '', isOfScenario).join('\n'));
  const told: Told[] = [tell(change(snapshot, linesOf(first?.given ?? '', isOfEpisode)), policy)];
  for (const { given } of later) {
    const last = told.at(-1);
    if (last !== undefined) told.push(tell(next(last, given), policy));
  }
  return { policy, told };
}

function tell(snapshot: Snapshot, policy: Scenario['policy']): Told {
  const made = plan(snapshot, policy);
  const { wakeAtMs } = made.report;
  const sinceBeginMs = snapshot.nowMs - storyMs;
  const report = { ...made.report, wakeAtMs: wakeAtMs === null ? null : wakeAtMs - sinceBeginMs };
  const shown = showPlan({ ...made, report });
  return { snapshot, plan: made, shown: shown === '' ? '  nothing to do, nothing to tell' : shown };
}

function next(last: Told, given: string): Snapshot {
  const [head = ''] = given.split('\n');
  const seconds = /^then (?<seconds>\d+) s later/.exec(head)?.groups?.['seconds'];
  if (seconds === undefined) throw new Error(`not "then N s later": ${head}`);
  const nowMs = last.snapshot.nowMs + 1000 * Number(seconds);
  // `apply` takes a millisecond, which would show in every sentence about time.
  const before = { ...last.snapshot, nowMs: last.snapshot.nowMs - 1 };
  const done = { ...apply(before, last.plan), nowMs };
  const { queue, nodes, tasks } = done;
  const anew = {
    ...done,
    queue: readAnew(queue, nowMs),
    nodes: readAnew(nodes, nowMs),
    tasks: readAnew(tasks, nowMs),
  };
  return change(
    anew,
    linesOf(given, (kind) => kind !== 'then'),
  );
}

/** What was read before is read again, unless the story goes on to say that it failed. */
function readAnew<T>(reading: Reading<T>, atMs: number): Reading<T> {
  return reading.state === 'unknown' ? reading : { state: 'fresh', atMs, value: reading.value };
}

const episodeKinds = ['task', 'torque', 'foreign', 'trouble', 'gone'];
const isOfEpisode = (kind: string): boolean => episodeKinds.includes(kind);
const isOfScenario = (kind: string): boolean => !isOfEpisode(kind);

function linesOf(text: string, wanted: (kind: string) => boolean): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#') && wanted(line.split(' ')[0] ?? ''));
}
