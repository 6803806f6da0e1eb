/** Keeps in sight what a mom has started, so that it is found when its parents are gone. */
import type { ProcessesPort } from './ports.ts';
import { identity, oursAmong } from './processes.ts';
import type { MarkedEntry, ProcessRow } from './processes.ts';

export class Followers {
  readonly #processes: ProcessesPort;
  readonly #mark: MarkedEntry;
  readonly #ownPid: number;
  readonly #known = new Set<string>();

  constructor(processes: ProcessesPort, mark: MarkedEntry, ownPid: number) {
    this.#processes = processes;
    this.#mark = mark;
    this.#ownPid = ownPid;
  }

  /**
   * Everything of ours that lives now, the mom included. `momPid` is given while the mom is known to
   * run: afterwards the system may give its number to a stranger.
   */
  async look(momPid: number | null): Promise<readonly ProcessRow[]> {
    const rows = await this.#processes.list(this.#mark);
    const seeds = new Set(momPid === null ? [] : [momPid]);
    const ours = oursAmong(rows, seeds, this.#known, this.#ownPid);
    for (const row of ours) this.#known.add(identity(row));
    return ours;
  }

  signal(row: ProcessRow, signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#processes.signal(row.pid, signal);
  }
}
