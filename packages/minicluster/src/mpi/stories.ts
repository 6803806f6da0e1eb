/** The stories: jobs that users of MPI submit, and what must be true of them. */
import type { Mpi } from './build.ts';

export interface StoryJob {
  readonly name: string;
  /** Arguments of qsub besides name and output. */
  readonly args: readonly string[];
  readonly script: string;
  /** Ranks on each node while it runs, largest first; null where it is too short to be looked at. */
  readonly ranks: readonly number[] | null;
  /** What its output must have, each as often as said. */
  readonly says: readonly (readonly [RegExp, number])[];
  readonly exit: 'zero' | 'not zero' | 'deleted';
}

export interface Story {
  readonly title: string;
  readonly jobs: readonly StoryJob[];
  /** A user deletes the job while its ranks run. */
  readonly deletes: boolean;
  /** All ranks of all jobs must be seen in one look. */
  readonly atOnce: boolean;
  /** Two pictures that must be the same, byte for byte, with the name of the MPI's folder before. */
  readonly same: readonly [string, string] | null;
}

export interface StoryPlaces {
  /** Where jobs write. */
  readonly work: string;
  /** Full names of the agents, in order. */
  readonly nodes: readonly string[];
}

const stays = 4;
const long = 600;
const anyGreeting = /^hello from rank \d+ of \d+ on \S+$/gm;

/** All stories for one MPI, the telling ones first. */
export function storiesFor(mpi: Mpi, places: StoryPlaces): readonly Story[] {
  const run = launcher(mpi);
  const hello = (seconds: number): string => `${run} ${mpi.dir}/hello ${seconds}\n`;
  const [first = '', , third = ''] = places.nodes;
  const prefix = mpi.name === 'MPICH' ? 'm' : 'o';
  const job = (name: string, nodes: string, script: string, more: Partial<StoryJob> = {}): StoryJob => ({
    name: `${prefix}${name}`,
    args: ['-l', `nodes=${nodes},walltime=00:05:00`],
    script,
    ranks: null,
    says: [],
    exit: 'zero',
    ...more,
  });
  const greets = (count: number): StoryJob['says'] => [[anyGreeting, count]];
  return [
    story(`${mpi.name}: six greetings from three hosts`, [
      job('hello', '3:ppn=2', hello(stays), { ranks: [2, 2, 2], says: greets(6) }),
    ]),
    story(`${mpi.name}: pi`, [
      job('pi', '3:ppn=2', `${run} ${mpi.dir}/cpi\n`, { says: [[/by 6 ranks, .*: yes$/gm, 1]] }),
    ]),
    {
      ...story(`${mpi.name}: a picture by six ranks is the picture by one`, [
        job('ray6', '3:ppn=2', `${run} ${mpi.dir}/ray ${places.work}/${prefix}6.ppm\n`, {
          says: [[/ by 6 ranks$/gm, 1]],
        }),
        job('ray1', '1:ppn=1', `${run} ${mpi.dir}/ray ${places.work}/${prefix}1.ppm\n`, {
          says: [[/ by 1 ranks$/gm, 1]],
        }),
      ]),
      same: [`${prefix}6.ppm`, `${prefix}1.ppm`],
    },
    story(`${mpi.name}: four slots on one node and one on two more`, [
      job('uneven', '1:ppn=4+2:ppn=1', hello(stays), { ranks: [4, 1, 1], says: greets(6) }),
    ]),
    story(`${mpi.name}: nodes asked for by name`, [
      job('named', `${third}:ppn=2+${first}:ppn=1`, hello(stays), { ranks: [2, 1], says: greets(3) }),
    ]),
    story(`${mpi.name}: an array of two`, [
      job('array', '2:ppn=1', hello(1), { args: ['-t', '1-2', '-l', 'nodes=2:ppn=1'], says: greets(2) }),
    ]),
    {
      ...story(`${mpi.name}: two jobs at once on the same nodes`, [
        job('left', '3:ppn=1', hello(2 * stays), { ranks: [1, 1, 1], says: greets(3) }),
        job('right', '3:ppn=1', hello(2 * stays), { ranks: [1, 1, 1], says: greets(3) }),
      ]),
      atOnce: true,
    },
    story(`${mpi.name}: a rank dies`, [
      job('dies', '3:ppn=2', `${run} ${mpi.dir}/hello dies 5\n`, { says: greets(6), exit: 'not zero' }),
    ]),
    story(`${mpi.name}: the walltime is over`, [
      job('late', '3:ppn=2', hello(long), {
        args: ['-l', 'nodes=3:ppn=2,walltime=00:00:08'],
        ranks: [2, 2, 2],
        exit: 'not zero',
      }),
    ]),
    {
      ...story(`${mpi.name}: the user deletes the job`, [
        job('gone', '3:ppn=2', hello(long), { ranks: [2, 2, 2], exit: 'deleted' }),
      ]),
      deletes: true,
    },
  ];
}

function story(title: string, jobs: readonly StoryJob[]): Story {
  return { title, jobs, deletes: false, atOnce: false, same: null };
}

/** Nothing but the MPI's own words: what makes it work comes with the environment. */
function launcher(mpi: Mpi): string {
  switch (mpi.name) {
    case 'MPICH':
      return mpi.mpiexec;
    case 'Open MPI':
      // It does not look for PBS_NODEFILE where it was built without TORQUE's tm.
      return `${mpi.mpiexec} --hostfile "$PBS_NODEFILE" -np "$PBS_NP"`;
  }
}
