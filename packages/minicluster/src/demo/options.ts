/** The command line of the demo. */
import { parseArgs } from 'node:util';

export interface DemoOptions {
  readonly json: boolean;
  readonly keep: boolean;
  readonly torque: 'stand-in' | 'real';
  readonly mesos: 'stand-in' | 'real';
  readonly user: string;
}

export const usage = `npm run demo -- [--json] [--keep] [--torque stand-in|real] [--mesos stand-in|real] [--user NAME]

  --json     the last line printed is one JSON object; what people read goes to standard error
  --keep     leave the cluster running at the end, and say how to play with it
  --torque   real: TORQUE's programs from the PATH, each host in a network namespace (Linux, root)
  --mesos    real: mesos-master and mesos-agent from the PATH (Linux, root)
  --user     the ordinary user who submits jobs to the real TORQUE (needed there: TORQUE takes no jobs from root)
`;

/** Throws with a sentence for the user when the command line cannot be understood. */
export function demoOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      torque: { type: 'string', default: 'stand-in' },
      mesos: { type: 'string', default: 'stand-in' },
      user: { type: 'string', default: '' },
    },
  });
  if (values.torque === 'real' && values.user === '') {
    throw new Error('--torque real needs --user NAME: TORQUE takes no jobs from root');
  }
  return {
    json: values.json,
    keep: values.keep,
    torque: standInOrReal('--torque', values.torque),
    mesos: standInOrReal('--mesos', values.mesos),
    user: values.user,
  };
}

function standInOrReal(name: string, value: string): 'stand-in' | 'real' {
  if (value === 'stand-in' || value === 'real') return value;
  throw new Error(`${name} ${value}: give stand-in or real`);
}
