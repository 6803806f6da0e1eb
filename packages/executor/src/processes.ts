/**
 * Which processes are ours: pbs_mom and everything that came from it. The jobs of a mom lead sessions
 * of their own and survive it (TORQUE means them to), so ending the mom's process group is not enough.
 * A process is ours when it descends from one that is, shares a process group with one, or carries our
 * mark in its environment: pbs_mom 6.1.3 hands the variables of `pbs_environment` to every job.
 */

/** `NAME=value`, as it stands in an environment. */
export type MarkedEntry = `${string}=${string}`;

export interface ProcessRow {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  /** Together with the pid this names one process for ever: pids are used again. */
  readonly startedAt: string;
  readonly marked: boolean;
  /** The program's name, for people. */
  readonly name: string;
}

/** Never ours: init, and the executor with what it runs for itself. */
const initPid = 1;

/**
 * The processes of `rows` that are ours, given the pids of `seeds` (the mom), processes known from an
 * earlier look (`known`, as `identity` gives it) and our own pid, which is never among them.
 */
export function oursAmong(
  rows: readonly ProcessRow[],
  seeds: ReadonlySet<number>,
  known: ReadonlySet<string>,
  ownPid: number,
): readonly ProcessRow[] {
  const able = rows.filter(({ pid }) => pid !== ownPid && pid > initPid);
  const groupsOfOthers = new Set(rows.filter(({ pid }) => pid === ownPid).map(({ pgid }) => pgid));
  const ours = new Map<number, ProcessRow>();
  let found = able.filter((row) => seeds.has(row.pid) || row.marked || known.has(identity(row)));
  // Each round finds the next generation, so there are at most as many rounds as processes.
  while (found.length > 0) {
    for (const row of found) ours.set(row.pid, row);
    const groups = new Set([...ours.values()].map(({ pgid }) => pgid).filter((pgid) => pgid > initPid));
    found = able.filter(
      (row) =>
        !ours.has(row.pid) && (ours.has(row.ppid) || (groups.has(row.pgid) && !groupsOfOthers.has(row.pgid))),
    );
  }
  return [...ours.values()].sort((a, b) => a.pid - b.pid);
}

export function identity(row: ProcessRow): string {
  return `${row.pid} ${row.startedAt}`;
}
