/**
 * Maui 3.3, and Moab, which has the same commands. It keeps its reasons to itself: `checkjob` tells them. It
 * deletes nothing, but sets jobs aside for an hour (Deferred) when no node fits, and starts nothing of them
 * though nodes came: two suitable nodes were free for 26 s, and `releasehold -a JOB` started the job 3 s later.
 */
import type { JobFacts, QueueFacts, TorqueNode } from '../../../core/facts.ts';
import type { Asked, Daemon, StartEnd } from '../daemon.ts';
import type { DaemonEnd } from '../launch.ts';
import { programIn, signal } from '../torque-daemons.ts';
import { wordsIn } from '../words.ts';
import { deferredIn, isDeferredForNodes } from './checkjob.ts';
import { jobsThatFit } from './fit-now.ts';
import { Answers, type AnswerParts } from './maui-answers.ts';
import { numberOf, runMaui } from './maui-commands.ts';
import { deletesJobs, type Preparation, type TorqueScheduler } from './torque-scheduler.ts';

export interface MauiParts extends AnswerParts {
  /** Whether it is to be kept running. */
  readonly isManaged: boolean;
  /** Jobs whose deferral is taken back at a time. */
  readonly releasesMax: number;
}

export function maui(parts: MauiParts): TorqueScheduler {
  const answers = new Answers(parts);
  return {
    kind: parts.kind,
    daemon: parts.isManaged ? daemonOf(parts) : null,
    deletesJobs: deletesJobs(parts.kind),
    prepareCycle: (queue, nodes) => releaseDeferred(parts, answers, queue, nodes),
    explain: (jobs) => answers.explain(jobs),
  };
}

/** `-d` stays in the foreground. A second start ends with 0 and says nothing. */
function daemonOf(parts: MauiParts): Daemon {
  const ask = async (): Promise<Asked> => {
    const result = await runMaui(parts, ['showq']);
    if (result.kind !== 'exit') return { kind: 'unknown', why: `showq: ${wordsIn(result)}` };
    if (result.code === 0) return { kind: 'running' };
    const why = `showq exited ${result.code}: ${wordsIn(result)}`;
    return why.includes('server may not be running')
      ? { kind: 'not-running', why }
      : { kind: 'unknown', why };
  };
  return {
    name: parts.kind,
    ask,
    planStart: () => Promise.resolve({ ok: true, argv: [programIn(parts.binDir, parts.kind), '-d'] }),
    judgeEnd: (end: DaemonEnd): StartEnd =>
      end.kind === 'exit' && end.code === 0 ? 'ran-already' : 'failed',
    end: (pid) => {
      signal(pid, 'SIGTERM');
      return Promise.resolve();
    },
    pid: () => Promise.resolve(null),
  };
}

/**
 * Takes back Maui's own deferrals, and no other hold, of jobs whose nodes are free now. `releasehold` exits 0
 * also where it was not allowed to ("request not authorized"): only ADMIN1 of maui.cfg may.
 */
async function releaseDeferred(
  parts: MauiParts,
  answers: Answers,
  { jobs }: QueueFacts,
  nodes: readonly TorqueNode[],
): Promise<readonly Preparation[]> {
  const queued = jobs.filter((job) => job.state === 'queued' && !job.isArrayTemplate);
  const fitting = jobsThatFit(queued, nodes);
  if (fitting.length === 0) return [];
  const showq = await runMaui(parts, ['showq']);
  if (showq.kind !== 'exit' || showq.code !== 0) return [];
  const deferred = deferredIn(showq.stdout.toString('utf8'));
  const candidates = fitting.filter((job) => deferred.has(numberOf(job)));
  const done: Preparation[] = [];
  for (const job of candidates.slice(0, parts.releasesMax)) {
    // A hold may have come meanwhile, and -a would take it away, too.
    const checked = await answers.ask(job);
    if (checked === null || !isDeferredForNodes(checked)) continue;
    done.push(await release(parts, job));
    answers.forget(job);
  }
  return done;
}

async function release(parts: MauiParts, job: JobFacts): Promise<Preparation> {
  const result = await runMaui(parts, ['releasehold', '-a', numberOf(job)]);
  const said =
    result.kind === 'exit' ? `${result.stdout.toString('utf8')}${result.stderr.toString('utf8')}` : '';
  const worked = result.kind === 'exit' && result.code === 0 && !said.includes('ERROR');
  return {
    jobId: job.id,
    what: 'deferral released: its nodes are up',
    problem: worked
      ? null
      : `releasehold: ${said === '' ? wordsIn(result) : said.trim()}; is our user an ADMIN1 in maui.cfg?`,
  };
}
