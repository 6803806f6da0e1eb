/**
 * The memory that a job asks for, derived as pbs_server of 6.1 does it: `mem` is of the whole job and is
 * divided by its nodes (by its processors for `procs`); `pmem` is of one process and counts for each slot;
 * the larger of both holds. `vmem` and `pvmem` are the same of virtual memory. That is an upper bound of
 * the physical, so it stands in only where no physical memory is asked for.
 *
 * pbs_sched compares none of it with what a node has (`mem=900gb` was started on a node of 24 GB), so it is
 * for us to see to it that the node can hold the job.
 */
import { notUnderstood, type NotUnderstood } from './job-request-words.ts';
import { parseSizeMib, sizeMibMax } from './sizes.ts';

/** In MiB, 0 where the job does not ask. */
export interface Memory {
  readonly ofJobMib: number;
  readonly ofProcessMib: number;
}

export function memoryOf(values: ReadonlyMap<string, string>): Memory | NotUnderstood {
  const mib: Record<'mem' | 'pmem' | 'vmem' | 'pvmem', number> = { mem: 0, pmem: 0, vmem: 0, pvmem: 0 };
  for (const name of ['mem', 'pmem', 'vmem', 'pvmem'] as const) {
    const text = values.get(name);
    if (text === undefined) continue;
    const size = parseSizeMib(text);
    if (size === null) return notUnderstood(`${name}=${text}`, 'is not a size such as 512mb, up to 1 EiB');
    mib[name] = size;
  }
  return mib.mem > 0 || mib.pmem > 0
    ? { ofJobMib: mib.mem, ofProcessMib: mib.pmem }
    : { ofJobMib: mib.vmem, ofProcessMib: mib.pvmem };
}

/** Rounded up. More than any machine has is as impossible as any other such amount, and stays exact. */
export function wholeMib(mib: number): number {
  return Math.min(Math.ceil(mib), sizeMibMax);
}
