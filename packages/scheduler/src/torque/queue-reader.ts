/**
 * The whole queue: what `qstat -f -x -t` lists, and the elements of arrays that it leaves out. Nothing
 * printed is believed to be an empty queue only when the server says so in other words.
 */
import type { JobFacts, QueueFacts } from '../core/facts.ts';
import type { Outcome } from '../loop/ports.ts';
import { arrayEntries, arraysCutOff, withUnlisted } from './arrays.ts';
import type { OutputParser } from './parsing.ts';
import { knownLists, qstatParser } from './qstat.ts';
import { failed, type TorqueCommands } from './torque-commands.ts';

/** Readings of the queue between two looks at the arrays' own entries, each of which lists all jobs anew. */
const readingsBetweenLooks = 60;

export class QueueReader {
  readonly #commands: TorqueCommands;
  /** By array; what an array's range is does not change. */
  #entries: ReadonlyMap<string, JobFacts> = new Map();
  /** As the last good reading listed them. */
  #jobs: readonly JobFacts[] = [];
  readonly #lists = knownLists();
  #readingsToWait = 0;

  constructor(commands: TorqueCommands) {
    this.#commands = commands;
  }

  /** `idleSlotLimit`: so many idle elements of an array are made at a time. */
  async read(idleSlotLimit: number): Promise<Outcome<QueueFacts>> {
    const listed = await this.#list(['-f', '-x', '-t']);
    if (!listed.ok) return listed;
    const { jobs } = listed.value;
    this.#jobs = jobs;
    const cutOff = arraysCutOff(jobs, idleSlotLimit);
    await this.#lookAt(cutOff);
    return { ok: true, value: withUnlisted(jobs, cutOff, this.#entries) };
  }

  /**
   * Reads the entries of arrays that are not known yet. Asked for one array by its id, 6.1.3 prints all jobs
   * all the same, and twice for two. A failure costs nothing but the elements that are not listed: those
   * that are wait too, and the next look comes soon.
   */
  async #lookAt(cutOff: ReadonlyMap<string, number>): Promise<void> {
    const known = new Map([...this.#entries].filter(([id]) => cutOff.has(id)));
    this.#entries = known;
    this.#readingsToWait -= 1;
    if (this.#readingsToWait > 0 || [...cutOff.keys()].every((id) => known.has(id))) return;
    this.#readingsToWait = readingsBetweenLooks;
    const listed = await this.#list(['-f', '-x']);
    if (listed.ok) this.#entries = new Map([...known, ...arrayEntries(listed.value.jobs)]);
  }

  async #list(args: readonly string[]): Promise<Outcome<QueueFacts>> {
    const { parser, bytesCount } = counting(qstatParser(this.#jobs, this.#lists));
    const queue = await this.#commands.readQstat(args, parser);
    return queue.ok && bytesCount() === 0 ? this.#believeNothing(queue.value) : queue;
  }

  /**
   * 4.2.10 prints nothing at all where there are no jobs, and exits 0; so does a program that fails in a way
   * we do not know. `qstat -B -f` of both versions counts the jobs.
   */
  async #believeNothing(empty: QueueFacts): Promise<Outcome<QueueFacts>> {
    const server = await this.#commands.qstat(['-B', '-f']);
    if (!server.ok) return server;
    const count = totalJobsIn(server.value.stdout.toString('utf8'));
    if (count === 0) return { ok: true, value: empty };
    const told = count === null ? 'does not say how many jobs there are' : `tells of ${count} jobs`;
    return failed('garbled', `qstat printed nothing, and qstat -B -f ${told}`);
  }
}

/** `total_jobs = 27`; null where it is not printed. */
function totalJobsIn(printed: string): number | null {
  const count = /^\s*total_jobs = (?<count>[0-9]{1,12})\s*$/m.exec(printed)?.groups?.['count'];
  return count === undefined ? null : Number(count);
}

function counting<T>(parser: OutputParser<T>): {
  readonly parser: OutputParser<T>;
  readonly bytesCount: () => number;
} {
  let bytes = 0;
  return {
    parser: {
      push(piece) {
        bytes += piece.length;
        parser.push(piece);
      },
      end: () => parser.end(),
    },
    bytesCount: () => bytes,
  };
}
