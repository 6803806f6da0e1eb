/** The executor's own command line: agents give none, people ask. */
import { parseArgs } from 'node:util';
import { messageOf } from '@mesos-torque/common/text.ts';

export type CommandLine =
  | { readonly kind: 'run' }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'check'; readonly check: CheckFlags }
  | { readonly kind: 'wrong'; readonly why: string };

export interface CheckFlags {
  /** The host of pbs_server, `host` or `host:port`; null where it is not known. */
  readonly pbsServer: string | null;
  /** Where the scheduler serves files to agents; null: nothing is asked of it. */
  readonly scheduler: string | null;
  /** Where the mom's home would be made; null: the current folder, as for an executor in its sandbox. */
  readonly home: string | null;
  readonly path: string | null;
  readonly pbsMom: string;
  readonly momctl: string;
  readonly servicePort: number;
  readonly managerPort: number;
  readonly json: boolean;
}

export const helpText = `torque-executor: runs one pbs_mom as a Mesos task

Started by a Mesos agent it takes no arguments. By hand, on an agent:

  torque-executor --check [--pbs-server HOST[:PORT]] [--scheduler URL] [--json]
                          whether a pbs_mom could run here, and why not; exit code 0 or 1
      --home DIR          where its home would be made (the current folder)
      --path PATH         where pbs_mom and momctl are looked for ($PATH)
      --pbs-mom PROGRAM   a name or an absolute path (pbs_mom)
      --momctl PROGRAM    likewise (momctl)
      --ports N,N         the mom's ports (15002,15003)
  torque-executor --version
  torque-executor --help
`;

/** Reads everything after the program's name. */
export function readCommandLine(args: readonly string[]): CommandLine {
  if (args.length === 0) return { kind: 'run' };
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
    if (values.help) return { kind: 'help' };
    if (values.version) return { kind: 'version' };
    if (!values.check) return { kind: 'wrong', why: `${args.join(' ')}: that goes with --check only` };
    return checkLine(values);
  } catch (error) {
    return { kind: 'wrong', why: messageOf(error) };
  }
}

const options = {
  check: { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  'pbs-server': { type: 'string' },
  scheduler: { type: 'string' },
  home: { type: 'string' },
  path: { type: 'string' },
  'pbs-mom': { type: 'string', default: 'pbs_mom' },
  momctl: { type: 'string', default: 'momctl' },
  ports: { type: 'string', default: '15002,15003' },
} as const;

type Flags = ReturnType<typeof parseArgs<{ options: typeof options; strict: true }>>['values'];

function checkLine(values: Flags): CommandLine {
  const ports = values.ports.split(',');
  const [servicePort = 0, managerPort = 0] = ports.map(portOf);
  if (ports.length !== 2 || servicePort === 0 || managerPort === 0 || servicePort === managerPort) {
    return { kind: 'wrong', why: `--ports ${values.ports}: give two different ports, such as 15002,15003` };
  }
  if (values.scheduler !== undefined && !/^https?:\/\//.test(values.scheduler)) {
    return { kind: 'wrong', why: `--scheduler ${values.scheduler}: give a URL that begins with http://` };
  }
  return {
    kind: 'check',
    check: {
      pbsServer: values['pbs-server'] ?? null,
      scheduler: values.scheduler ?? null,
      home: values.home ?? null,
      path: values.path ?? null,
      pbsMom: values['pbs-mom'],
      momctl: values.momctl,
      servicePort,
      managerPort,
      json: values.json,
    },
  };
}

function portOf(text: string): number {
  const port = Number(text);
  return /^[0-9]{1,5}$/.test(text) && port <= 65_535 ? port : 0;
}
