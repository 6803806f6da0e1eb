/** The command line of the stories. */
import { parseArgs } from 'node:util';

export interface E2eOptions {
  /** `any`: containers, or processes where containers cannot be had. */
  readonly runtime: 'docker' | 'process' | 'any';
  /** Words; a story is played when its title has one of them. All stories where there is none. */
  readonly only: readonly string[];
  /** Leave the cluster of the last story running, and everything that was written. */
  readonly keep: boolean;
  readonly list: boolean;
  /** Where the report is written. */
  readonly reportDir: string | null;
}

export const usage = `pnpm test:e2e [--runtime any|docker|process] [--only NAME]... [--keep] [--list] [--report DIR]

  --runtime  docker: hosts are containers; process: the same stories on the embedded mini-cluster, without docker
             and without root, but for those that need hosts of their own; any (default): docker where it can be had
  --only     play the stories whose number or title has this word; may be given several times
  --keep     leave the cluster running after the last story, and keep what it wrote
  --list     say which stories there are, and end
  --report   the folder for report.xml (JUnit), report.txt and what failed stories left (default: .mesos-torque/e2e)
`;

/** Throws with a sentence for the user when the command line cannot be understood. */
export function e2eOptions(args: readonly string[]): E2eOptions {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      runtime: { type: 'string', default: 'any' },
      only: { type: 'string', multiple: true, default: [] },
      keep: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      report: { type: 'string' },
    },
  });
  if (values.runtime !== 'docker' && values.runtime !== 'process' && values.runtime !== 'any')
    throw new Error(`--runtime ${values.runtime}: give docker, process or any`);
  return {
    runtime: values.runtime,
    only: values.only,
    keep: values.keep,
    list: values.list,
    reportDir: values.report ?? null,
  };
}

/** `words` as they were given: a number means that story alone, and not 12 for 1. */
export function isChosen(title: string, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const number = /^\d+/.exec(title)?.[0];
  return words.some((word) =>
    /^\d+$/.test(word) ? Number(word) === Number(number) : title.toLowerCase().includes(word.toLowerCase()),
  );
}
