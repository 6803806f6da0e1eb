/** The command line of the chaos runner. */
import { parseArgs } from 'node:util';

export interface ChaosOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Two schedulers and two masters with ZooKeeper instead of one each. */
  readonly ha: boolean;
  readonly keep: boolean;
}

export const usage = `node packages/minicluster/src/chaos/main.ts [--rounds N] [--seed N] [--ha] [--keep]

  --rounds   how many rounds are played on one cluster, each with jobs and faults of its own; 10 if left out
  --seed     which faults at which events; 1 if left out
  --ha       two schedulers and two masters with a real ZooKeeper (Debian's package)
  --keep     leave the folder with all logs
The last line on standard output is one JSON object. Exit code 0: every round came out as it should.
`;

/** Throws with a sentence for the user when the command line cannot be understood. */
export function chaosOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      ha: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
    },
  });
  const { ha, keep } = values;
  return { rounds: whole('--rounds', values.rounds, 1), seed: whole('--seed', values.seed, 0), ha, keep };
}

function whole(name: string, text: string, least: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`${name} ${text}: give a whole number from ${String(least)}`);
}
