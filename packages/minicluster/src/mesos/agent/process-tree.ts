/**
 * All processes of one container: the executor, what it started, and what these started, also in
 * sessions of their own and after their parents have gone. A process belongs to the container when it
 * was seen as a child of one that does, when it is in a session that one of them leads, or (Linux)
 * when it still has the container's MESOS_DIRECTORY in its environment. No other is ever touched.
 */
import { sleep, type Clock } from '@mesos-torque/common/clock.ts';
import { findProcess, hasInEnvironment, listProcesses, type ProcessEntry } from './processes.ts';

export interface RootProcess {
  readonly pid: number;
  readonly started: string;
}

export interface ProcessTree {
  readonly root: RootProcess;
  /** Whether the executor itself lives. */
  rootIsAlive(): Promise<boolean>;
  /** Takes down who of these belongs to the container, so that orphans are known later. */
  look(processes: readonly ProcessEntry[]): void;
  /** Kills until nobody is left; gives how many were, after all attempts. */
  kill(): Promise<number>;
  /** Whether the executor itself was alive when it was killed. */
  wasKilled(): boolean;
}

/** So often is looked for survivors; each one may have started others in the meantime. */
const roundsMax = 50;
const roundMs = 20;

export function processTree(root: RootProcess, sandbox: string, clock: Clock): ProcessTree {
  const members = new Set([keyOf(root)]);
  const look = (processes: readonly ProcessEntry[], environmentLine: string | null): ProcessEntry[] => {
    const found = membersAmong(processes, members, environmentLine);
    for (const entry of found) members.add(keyOf(entry));
    return found.filter((entry) => !entry.isZombie);
  };
  // Reading every environment is slow: that is for the end alone.
  const search = async (): Promise<ProcessEntry[]> =>
    look(await listProcesses(), `MESOS_DIRECTORY=${sandbox}`);
  let wasKilled = false;
  return {
    root,
    look(processes) {
      look(processes, null);
    },
    wasKilled: () => wasKilled,
    async rootIsAlive() {
      return (await findProcess(root.pid))?.started === root.started;
    },
    async kill() {
      for (let round = 0; round < roundsMax; round += 1) {
        const alive = await search();
        if (alive.length === 0) return 0;
        wasKilled ||= alive.some((entry) => entry.pid === root.pid);
        for (const entry of alive) killOne(entry.pid);
        await sleep(clock, roundMs);
      }
      return (await search()).length;
    },
  };
}

/** Who of `entries` belongs to those that `known` names; exported for its tests. */
export function membersAmong(
  entries: readonly ProcessEntry[],
  known: ReadonlySet<string>,
  environmentLine: string | null,
): ProcessEntry[] {
  const others = entries.filter((entry) => entry.pid > 1 && entry.pid !== process.pid);
  const ownSession = entries.find((entry) => entry.pid === process.pid)?.session;
  const members = new Map(
    others
      .filter((entry) => known.has(keyOf(entry)) || carries(entry, environmentLine))
      .map((entry) => [entry.pid, entry]),
  );
  const belongs = (entry: ProcessEntry): boolean =>
    members.has(entry.parent) || (entry.session !== ownSession && members.has(entry.session));
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const entry of others) {
      if (!members.has(entry.pid) && belongs(entry)) members.set(entry.pid, entry);
    }
  }
  return [...members.values()];
}

function carries(entry: ProcessEntry, environmentLine: string | null): boolean {
  return environmentLine !== null && hasInEnvironment(entry.pid, environmentLine);
}

function keyOf(entry: RootProcess): string {
  return `${entry.pid}/${entry.started}`;
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
