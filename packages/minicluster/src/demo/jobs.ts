/** The jobs of the demo: one of each kind that a site sees every day, and one that can never run. */

export interface DemoJob {
  readonly name: string;
  /** Arguments of qsub. */
  readonly args: readonly string[];
  readonly script: string;
  /** What it is there to show. */
  readonly shows: string;
}

const single = 'echo "one slot on $(head -1 "$PBS_NODEFILE")"\nsleep 4\n';
const wide =
  'echo "$PBS_NP slots on:"\nsort "$PBS_NODEFILE" | uniq -c\npbsdsh printenv PBS_NODENUM\nsleep 3\n';
const element = 'echo "element $PBS_ARRAYID"\nsleep 2\n';

export const demoJobs: readonly DemoJob[] = [
  ...[1, 2, 3].map((number) => ({
    name: `single${String(number)}`,
    args: ['-l', 'nodes=1:ppn=1,walltime=00:05:00'],
    script: single,
    shows: 'one slot',
  })),
  {
    name: 'wide',
    args: ['-l', 'nodes=3:ppn=2,walltime=00:05:00'],
    script: wide,
    shows: 'three nodes at once, two slots each; pbsdsh reaches all of them',
  },
  {
    name: 'array',
    args: ['-t', '1-4%2', '-l', 'nodes=1:ppn=1,walltime=00:05:00'],
    script: element,
    shows: 'an array of four, two at a time',
  },
  {
    name: 'too-wide',
    args: ['-l', 'nodes=1:ppn=12,walltime=00:05:00'],
    script: 'echo never\n',
    shows: 'twelve slots on one node: no node may be that large',
  },
];

/** Elements that an array of the demo has; other jobs are one. */
export function elementsOf(job: DemoJob): number {
  const range = /^(?<first>\d+)-(?<last>\d+)/.exec(job.args[job.args.indexOf('-t') + 1] ?? '')?.groups;
  if (!job.args.includes('-t') || range === undefined) return 1;
  return Number(range['last']) - Number(range['first']) + 1;
}
