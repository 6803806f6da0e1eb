/** Plays one story, has it audited, and puts the site back in order. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@mesos-torque/common/text.ts';
import { audit, nodesOf, processesOf, type Expected } from './auditor.ts';
import type { StoryOutcome, StoryResult } from './report.ts';
import type { Site } from './site.ts';
import { newRecord, stageOn, type Record } from './stage.ts';
import type { Story } from './story.ts';

/** A story that hangs somewhere without a limit of its own ends here. */
const storyMsMax = 600_000;
/** From the end of a story to nothing left of it. */
const settleMsMax = 120_000;
/** After a story that broke off there is nothing to be waited for. */
const settleFailedMsMax = 3_000;
const lookEveryMs = 500;

export interface PlayOptions {
  /** Where what a failed story leaves is kept. */
  readonly keepDir: string;
  /** Nothing is put back in order: somebody wants to look. */
  readonly leave: boolean;
}

export async function playStory(story: Story, site: Site, options: PlayOptions): Promise<StoryResult> {
  const beganMs = Date.now();
  const whyNot = story.needs.flatMap((need) => site.cannot(need) ?? []);
  const record = newRecord();
  const result = (outcome: StoryOutcome): StoryResult => ({
    title: story.title,
    proves: story.proves,
    seconds: (Date.now() - beganMs) / 1000,
    outcome,
    seen: record.seen,
  });
  if (whyNot.length > 0) return result({ kind: 'left-out', why: whyNot.join('; ') });
  const before = await standOf(site);
  await site.begin(folderOf(story));
  const isPlayed = await withLimit(story.play(stageOn(site, record, beganMs)), storyMsMax).then(
    () => true,
    (error: unknown) => {
      record.problems.push(messageOf(error));
      return false;
    },
  );
  await audited(site, record, before, isPlayed ? settleMsMax : settleFailedMsMax);
  const outcome = await outcomeOf(story, site, record, options);
  if (!options.leave)
    record.seen.push(...(await site.reset()).map((text) => ({ second: -1, text: `put right: ${text}` })));
  return result(outcome);
}

/** `12 an agent is lost` → `12-an-agent-is-lost` */
export function folderOf({ title }: Story): string {
  return title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

type Before = Pick<Expected, 'nodes' | 'processes'>;

async function standOf(site: Site): Promise<Before> {
  const nodes = (await nodesOf(site)).map(({ name }) => name);
  return { nodes: [...new Set([site.head.name, ...nodes])], processes: await processesOf(site) };
}

/** While our schedulers run they take away what is idle; then they end in order, and nothing at all is left. */
async function audited(site: Site, record: Record, before: Before, limitMs: number): Promise<void> {
  const isOurs = (text: string): boolean => !text.startsWith(`a process is left on ${site.head.name}`);
  const early = await settled(site, record, before, limitMs, isOurs);
  for (const scheduler of Object.values(site.schedulers)) {
    if (!(await scheduler.isRunning())) continue;
    await scheduler.stop();
    const code = await scheduler.exitCode();
    if (code !== 0) record.problems.push(`scheduler ${scheduler.name} ended with exit code ${String(code)}`);
  }
  const late = early.length > 0 ? early : await settled(site, record, before, limitMs, () => true);
  record.problems.push(...late);
}

async function settled(
  site: Site,
  record: Record,
  before: Before,
  limitMs: number,
  matters: (text: string) => boolean,
): Promise<readonly string[]> {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const isLastLook = Date.now() >= endMs;
    const found = await audit(site, { ...before, jobs: record.jobs }, isLastLook).catch((error: unknown) => [
      `the site cannot be audited: ${messageOf(error)}`,
    ]);
    const problems = found.filter(matters);
    if (problems.length === 0 || isLastLook) return problems;
    await delay(lookEveryMs);
  }
}

async function outcomeOf(
  story: Story,
  site: Site,
  { problems }: Record,
  { keepDir }: PlayOptions,
): Promise<StoryOutcome> {
  if (problems.length === 0) return { kind: 'passed' };
  const kept = `${keepDir}/${folderOf(story)}`;
  const collected = await site.collect(kept).then(
    () => [],
    (error: unknown) => [`what is left could not be kept whole: ${messageOf(error)}`],
  );
  return { kind: 'failed', problems: [...problems, ...collected], kept };
}

async function withLimit(work: Promise<void>, limitMs: number): Promise<void> {
  const stop = new AbortController();
  const late = delay(limitMs, undefined, { signal: stop.signal }).then(
    () => {
      throw new Error(`the story had not ended after ${String(limitMs / 1000)} s`);
    },
    () => undefined,
  );
  try {
    await Promise.race([work, late]);
  } finally {
    // A timer that is left would keep the runner from ending.
    stop.abort();
  }
}
