/** What `checkjob` said lately about each job: it takes a process and a question each. */
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { JobFacts } from '../../../core/facts.ts';
import { parseCheckjob, type CheckedJob } from './checkjob.ts';
import { numberOf, runMaui, type MauiCommandParts } from './maui-commands.ts';
import { sentenceOf } from './maui-reasons.ts';

export interface AnswerParts extends MauiCommandParts {
  readonly kind: 'maui' | 'moab';
  readonly clock: Clock;
}

/** Jobs asked about at a time. */
const questionsMax = 20;
/** How long an answer about a job is good for. */
const answerMsMax = 30_000;
const answersMax = 10_000;

export class Answers {
  readonly #parts: AnswerParts;
  readonly #known = new Map<string, { readonly atMs: number; readonly job: CheckedJob | null }>();
  #isAsking = false;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
  }

  /** Asks behind the scenes: a scheduler that is slow to answer must not hold up the reading of the queue. */
  explain(jobs: readonly JobFacts[]): readonly JobFacts[] {
    if (!this.#isAsking) {
      this.#isAsking = true;
      void this.#refresh(jobs).finally(() => {
        this.#isAsking = false;
      });
    }
    return jobs.map((job) => this.#withSentence(job));
  }

  /** Jobs that were not asked about for the longest time come first; the others keep their last answer. */
  async #refresh(jobs: readonly JobFacts[]): Promise<void> {
    const nowMs = this.#parts.clock.nowMs();
    const due = jobs
      .filter((job) => job.state === 'queued' && !job.isArrayTemplate)
      .filter((job) => nowMs - this.#askedMs(job) >= answerMsMax)
      .sort((a, b) => this.#askedMs(a) - this.#askedMs(b));
    for (const job of due.slice(0, questionsMax)) await this.ask(job);
  }

  /** Null when Maui does not know it or could not be asked. */
  async ask(job: JobFacts): Promise<CheckedJob | null> {
    const result = await runMaui(this.#parts, ['checkjob', numberOf(job)]);
    const parsed =
      result.kind === 'exit' && result.code === 0 ? parseCheckjob(result.stdout.toString('utf8')) : null;
    const checked = parsed?.ok === true ? parsed.job : null;
    this.#known.delete(job.id);
    this.#known.set(job.id, { atMs: this.#parts.clock.nowMs(), job: checked });
    const oldest = this.#known.keys().next();
    if (this.#known.size > answersMax && oldest.done !== true) this.#known.delete(oldest.value);
    return checked;
  }

  forget(job: JobFacts): void {
    this.#known.delete(job.id);
  }

  #askedMs(job: JobFacts): number {
    return this.#known.get(job.id)?.atMs ?? -Infinity;
  }

  #withSentence(job: JobFacts): JobFacts {
    const checked = job.state === 'queued' ? (this.#known.get(job.id)?.job ?? null) : null;
    const sentence = checked === null ? null : sentenceOf(checked, this.#parts.kind);
    return sentence === null ? job : { ...job, comment: sentence };
  }
}
