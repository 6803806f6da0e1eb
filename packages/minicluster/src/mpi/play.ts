/** Plays one story on a running cluster and says what was wrong with it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobSeen } from '../audit.ts';
import type { Cluster } from '../cluster.ts';
import { processesOfJob, ranksByNode, storyVariable } from './ranks.ts';
import type { Story, StoryJob } from './stories.ts';

export interface Stage {
  readonly cluster: Cluster;
  readonly work: string;
  readonly say: (line: string) => void;
}

interface Submitted {
  readonly job: StoryJob;
  readonly id: string;
  /** The fullest that was seen of its ranks, by node. */
  ranks: ReadonlyMap<string, number>;
}

const jobsMsMax = 60_000;
const leftMsMax = 10_000;
const lookEveryMs = 200;

/** The faults of the story, as sentences; none when it went as it should. */
export async function playStory(story: Story, stage: Stage): Promise<readonly string[]> {
  stage.say(story.title);
  const submitted: Submitted[] = [];
  for (const job of story.jobs) submitted.push(await submit(job, stage));
  const { ended, together } = await watch(story, submitted, stage);
  // What hangs would keep the nodes from the next story.
  if (ended === null) for (const { id } of submitted) await stage.cluster.run('user', ['qdel', id]);
  if (ended === null) return [`not all jobs had ended after ${jobsMsMax / 1000} s`];
  const faults: string[] = story.atOnce && !together ? ['the jobs were never seen at the same time'] : [];
  for (const one of submitted) faults.push(...(await faultsOfJob(one, ended, stage, story.atOnce)));
  if (story.same !== null) faults.push(...(await faultsOfPictures(story.same, stage)));
  return faults;
}

async function submit(job: StoryJob, { cluster, work, say }: Stage): Promise<Submitted> {
  const output = path.join(work, `${job.name}.out`);
  const script = `cd ${work} || exit 9\n${job.script}`;
  // An array's elements each add -1, -2 … to the name of their output.
  const more = ['-j', 'oe', '-o', output, '-v', `${storyVariable}=${storyOf(cluster)}`];
  const id = await cluster.qsub(['-N', job.name, ...more, ...job.args], script);
  say(`  qsub ${job.args.join(' ')} → ${id}`);
  return { job, id, ranks: new Map() };
}

/** Job ids of two clusters on one machine are the same; this tells their processes apart. */
function storyOf({ dir }: Cluster): string {
  return path.basename(dir);
}

interface Watched {
  /** The jobs when all have ended; null when they have not in time. */
  readonly ended: readonly JobSeen[] | null;
  /** Whether the ranks of all jobs were there in one look. */
  readonly together: boolean;
}

async function watch(story: Story, submitted: readonly Submitted[], stage: Stage): Promise<Watched> {
  const untilMs = Date.now() + jobsMsMax;
  let deleted = false;
  let together = false;
  while (Date.now() < untilMs) {
    const now = await Promise.all(submitted.map((one) => look(one, stage)));
    together ||= now.every((count, index) => count > 0 && count === wanted(submitted[index]));
    if (story.deletes && !deleted && submitted.every(isComplete)) {
      deleted = true;
      for (const { id } of submitted) await stage.cluster.run('user', ['qdel', id]);
    }
    const jobs = await stage.cluster.jobs();
    if (submitted.every((one) => elementsOf(one, jobs).every(({ state }) => state === 'C'))) {
      return { ended: jobs, together };
    }
    await delay(lookEveryMs);
  }
  return { ended: null, together };
}

/** How many ranks there are now. */
async function look(one: Submitted, { cluster, say }: Stage): Promise<number> {
  if (one.job.ranks === null) return 0;
  const seen = await ranksByNode({ id: one.id, story: storyOf(cluster) }, 'hello');
  if (total(seen) > total(one.ranks)) {
    one.ranks = seen;
    if (isComplete(one)) say(`  ${one.id}: ranks ${describe(seen)}`);
  }
  return total(seen);
}

function isComplete(one: Submitted): boolean {
  return total(one.ranks) === wanted(one);
}

function wanted(one: Submitted | undefined): number {
  return (one?.job.ranks ?? []).reduce((sum, count) => sum + count, 0);
}

function total(ranks: ReadonlyMap<string, number>): number {
  return [...ranks.values()].reduce((sum, count) => sum + count, 0);
}

function describe(ranks: ReadonlyMap<string, number>): string {
  return [...ranks].map(([node, count]) => `${node} × ${count}`).join(', ');
}

/** The job itself, or each element of an array. */
function elementsOf({ id }: Submitted, jobs: readonly JobSeen[]): readonly JobSeen[] {
  const [number = '', host = ''] = id.split(/\[\]\.|\.(?=.*)/, 2);
  if (!id.includes('[]')) return jobs.filter((job) => job.id === id);
  return jobs.filter((job) => job.id.startsWith(`${number}[`) && job.id.includes(host));
}

async function faultsOfJob(
  one: Submitted,
  jobs: readonly JobSeen[],
  stage: Stage,
  isAnywhere: boolean,
): Promise<readonly string[]> {
  const { job, id } = one;
  const faults: string[] = [];
  for (const element of elementsOf(one, jobs)) {
    if (!exitIsRight(job, element))
      faults.push(`${element.id} ended with exit status ${String(element.exitStatus)}`);
    const output = await outputOf(job, element, stage);
    for (const [pattern, count] of job.says) {
      const found = output.match(pattern)?.length ?? 0;
      if (found !== count)
        faults.push(
          `${element.id}: ${String(pattern)} ${found} times, not ${count}, in: ${output.slice(0, 2000)}`,
        );
    }
    faults.push(...(await leftOf(element.id, storyOf(stage.cluster))));
  }
  const counts = [...one.ranks.values()].sort((a, b) => b - a);
  // TORQUE may put two of `3:ppn=1` on one node that has room for both.
  if (job.ranks !== null && (isAnywhere ? !isComplete(one) : counts.join() !== job.ranks.join())) {
    faults.push(`${id}: ranks were seen as ${describe(one.ranks) || 'none'}, not as ${job.ranks.join(', ')}`);
  }
  return faults;
}

function exitIsRight({ exit }: StoryJob, { exitStatus }: JobSeen): boolean {
  switch (exit) {
    case 'zero':
      return exitStatus === 0;
    case 'not zero':
      return exitStatus !== 0;
    case 'deleted':
      return true;
  }
}

async function outputOf(job: StoryJob, { id }: JobSeen, { work }: Stage): Promise<string> {
  const index = /\[(\d+)\]/.exec(id)?.[1];
  const file = path.join(work, `${job.name}.out${index === undefined ? '' : `-${index}`}`);
  const untilMs = Date.now() + 5000;
  for (;;) {
    // The mom brings it a moment after the job is over.
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text !== null || Date.now() > untilMs) return text ?? `(no file ${file})`;
    await delay(lookEveryMs);
  }
}

/** No process anywhere may still be of the job. */
async function leftOf(id: string, story: string): Promise<readonly string[]> {
  const untilMs = Date.now() + leftMsMax;
  for (;;) {
    const left = await processesOfJob({ id, story });
    if (left.length === 0) return [];
    if (Date.now() > untilMs) {
      return [
        `${id} left running: ${left.map(({ name, pid, node }) => `${name} (${pid}) of ${node}`).join(', ')}`,
      ];
    }
    await delay(lookEveryMs);
  }
}

async function faultsOfPictures(
  [one, other]: readonly [string, string],
  { work, say }: Stage,
): Promise<readonly string[]> {
  const read = (name: string): Promise<Buffer | null> => readFile(path.join(work, name)).catch(() => null);
  const [a, b] = [await read(one), await read(other)];
  if (a === null || b === null) return [`there are not two pictures, ${one} and ${other}`];
  if (!a.equals(b)) return [`${one} and ${other} differ`];
  say(`  ${one} and ${other} are the same ${a.length} bytes`);
  return [];
}
