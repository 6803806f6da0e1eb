/**
 * The processes of a job on all hosts, seen from outside: in the process table of this machine, of which
 * every host of the mini-cluster is a part. Nothing that the framework or TORQUE says is believed.
 */
import { readdir, readFile } from 'node:fs/promises';

export interface JobProcess {
  readonly pid: number;
  readonly name: string;
  /** The node under whose mom it runs: the HOSTNAME of the daemon of the MPI that started it. */
  readonly node: string;
}

/** Daemons that an MPI starts once on each host; the ranks are their children. */
const daemons = ['hydra_pmi_proxy', 'orted'];

/** In the environment of every job of a story, with the name of its cluster. */
export const storyVariable = 'MPI_STORY';

export interface JobOfStory {
  readonly id: string;
  readonly story: string;
}

export async function processesOfJob(job: JobOfStory): Promise<readonly JobProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => ifOfJob(pid, job)));
  return found.filter((process) => process !== null);
}

/** How many processes called `program` each node has. */
export async function ranksByNode(job: JobOfStory, program: string): Promise<ReadonlyMap<string, number>> {
  const byNode = new Map<string, number>();
  for (const { name, node } of await processesOfJob(job)) {
    if (name === program) byNode.set(node, (byNode.get(node) ?? 0) + 1);
  }
  return byNode;
}

async function ifOfJob(pid: string, { id, story }: JobOfStory): Promise<JobProcess | null> {
  try {
    const variables = await environmentOf(pid);
    if (!variables.includes(`PBS_JOBID=${id}`) || !variables.includes(`${storyVariable}=${story}`))
      return null;
    const name = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
    const parent = /^PPid:\s+(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    const parentName = (await readFile(`/proc/${parent}/comm`, 'utf8').catch(() => '')).trim();
    const from = daemons.includes(parentName) ? await environmentOf(parent) : variables;
    const host = from.find((entry) => entry.startsWith('HOSTNAME='));
    return { pid: Number(pid), name, node: host?.slice('HOSTNAME='.length) ?? '?' };
  } catch {
    // It ended while we looked, or is none of ours to read.
    return null;
  }
}

async function environmentOf(pid: string): Promise<readonly string[]> {
  return (await readFile(`/proc/${pid}/environ`, 'latin1')).split('\0');
}
