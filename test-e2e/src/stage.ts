/** What a story plays on: the site, with its jobs, levels and findings written down for auditor and report. */
import path from 'node:path';
import type { JobSeen, NodeSeen, TaskSeen } from '@mesos-torque/minicluster/audit.ts';
import { jobsIn, tasksIn } from '@mesos-torque/minicluster/audit.ts';
import { explain, succeeded } from '@mesos-torque/minicluster/command.ts';
import { waitUntil } from '@mesos-torque/minicluster/wait-until.ts';
import { nodesOf, stateOf, type ExpectedJob } from './auditor.ts';
import type { Configuration, Scheduler, Site, User } from './site.ts';

export interface Submission {
  /** `alice` if left out. */
  readonly as?: User;
  /** `exit-zero` if left out. */
  readonly ends?: ExpectedJob['ends']['kind'];
  /** How many elements an array has; 1 if left out. */
  readonly count?: number;
}

/** Lets jobs run until the story has seen what it wants to see. */
export interface Gate {
  /** A job's script that waits for the gate, exits 0 when it opens, and 1 when it never does. */
  readonly script: string;
  open(): Promise<void>;
}

export interface Stage {
  readonly site: Site;
  readonly framework: Scheduler;
  /** Starts the first scheduler and waits until it is ready. */
  readonly startFramework: (config: Configuration) => Promise<void>;
  /** `qsub -l nodes=…` and so on; the job's id. How it ends is judged by the auditor. */
  readonly qsub: (args: readonly string[], script: string, how?: Submission) => Promise<string>;
  /** For jobs of alice's. */
  readonly gate: () => Promise<Gate>;
  /** Waits for something to be true, for so long at the most on an idle machine; what it was and how long it took goes to the report. */
  readonly level: <T>(
    what: string,
    limitS: number,
    look: () => Promise<T | null | undefined | false>,
  ) => Promise<T>;
  /** A finding: false fails the story, which goes on. */
  readonly check: (isTrue: boolean, what: string) => void;
  /** A line of the report. */
  readonly say: (text: string) => void;

  readonly jobs: () => Promise<readonly JobSeen[]>;
  /** An error where qstat does not list it. */
  readonly job: (id: string) => Promise<JobSeen>;
  /** Those that are not the head's own placeholder. */
  readonly nodes: () => Promise<readonly NodeSeen[]>;
  /** Tasks that hold resources, of any framework. */
  readonly tasks: () => Promise<readonly TaskSeen[]>;
  /** Waits until the jobs are complete; elements of arrays, too. */
  readonly ended: (ids: readonly string[], limitS: number) => Promise<void>;
  /** Waits until the job runs. */
  readonly runs: (id: string, limitS: number) => Promise<JobSeen>;
  /** Waits until there is neither a node nor a task of ours. */
  readonly empty: (limitS: number) => Promise<void>;
  /** What `mesos-torque ARGS` prints; an error where it exits other than 0. */
  readonly cli: (...args: readonly string[]) => Promise<string>;
}

/** What a story leaves for the auditor and the report. */
export interface Record {
  readonly jobs: ExpectedJob[];
  readonly problems: string[];
  readonly seen: { readonly second: number; readonly text: string }[];
}

export function newRecord(): Record {
  return { jobs: [], problems: [], seen: [] };
}

const lookEveryMs = 200;
/** Limits are those of an idle machine; one that does other things as well may take so many times as long. */
const patience = 3;
/** Looks of a job at its gate, five a second: longer than any story. */
const gateLooksMax = 1_500;
let gates = 0;

/** A file in alice's home, which all machines share. */
async function newGate(site: Site): Promise<Gate> {
  const asked = await site.client.run(['printenv', 'HOME'], { as: 'alice' });
  const home =
    asked.kind === 'exit' && asked.code === 0 ? asked.stdout.toString('utf8').trim() : '/home/alice';
  gates += 1;
  const file = path.posix.join(home, `.gate-${String(process.pid)}-${String(gates)}`);
  return {
    script: `for look in $(seq ${String(gateLooksMax)}); do [ -e '${file}' ] && exit 0; sleep 0.2; done; exit 1\n`,
    async open() {
      const touched = await site.client.run(['touch', file], { as: 'alice' });
      if (!succeeded(touched)) throw new Error(`touch ${file}: ${explain(touched)}`);
    },
  };
}

export function stageOn(site: Site, record: Record, beganMs: number): Stage {
  const framework = site.schedulers.first;
  const say = (text: string): void => {
    record.seen.push({ second: (Date.now() - beganMs) / 1000, text });
  };
  const level: Stage['level'] = async (what, limitS, look) => {
    const fromMs = Date.now();
    const found = await waitUntil({ what, timeoutMs: limitS * patience * 1000, everyMs: lookEveryMs }, look);
    say(`${what} (after ${((Date.now() - fromMs) / 1000).toFixed(1)} s)`);
    return found;
  };
  const jobs: Stage['jobs'] = async () => jobsIn(await site.admin(['qstat', '-f', '-x', '-t']));
  const nodes: Stage['nodes'] = async () =>
    (await nodesOf(site)).filter(({ name }) => name !== site.head.name);
  const tasks: Stage['tasks'] = async () => tasksIn(await stateOf(site)).live;
  return {
    site,
    framework,
    startFramework: (config) => framework.start({ config }),
    async qsub(args, script, { as = 'alice', ends = 'exit-zero', count = 1 } = {}) {
      const id = await site.qsub(as, args, script);
      record.jobs.push({ id, count, ends: { kind: ends } });
      say(`qsub ${args.join(' ')} → ${id}`);
      return id;
    },
    gate: () => newGate(site),
    level,
    check(isTrue, what) {
      if (isTrue) say(what);
      else record.problems.push(`not so: ${what}`);
    },
    say,
    jobs,
    async job(id) {
      const found = (await jobs()).find((one) => one.id === id);
      if (found === undefined) throw new Error(`qstat does not list ${id}`);
      return found;
    },
    nodes,
    tasks,
    async ended(ids, limitS) {
      await level(`complete: ${ids.join(' ')}`, limitS, async () => {
        const all = await jobs();
        return ids.every((id) => {
          const own = all.filter((job) => job.id.replace(/\[\d+\]/, id.includes('[]') ? '[]' : '$&') === id);
          return own.length > 0 && own.every(({ state }) => state === 'C');
        });
      });
    },
    runs: (id, limitS) =>
      level(`${id} runs`, limitS, async () =>
        (await jobs()).find((job) => job.id === id && job.state === 'R'),
      ),
    async empty(limitS) {
      await level('no node and no task is left', limitS, async () => {
        const [left, live] = [await nodes(), await tasks()];
        return left.length === 0 && live.length === 0;
      });
    },
    async cli(...args) {
      const result = await framework.cli(args);
      if (succeeded(result) && result.kind === 'exit') return result.stdout.toString('utf8');
      throw new Error(`mesos-torque ${args.join(' ')}: ${explain(result)}`);
    },
  };
}
