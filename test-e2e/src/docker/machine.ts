/** A container as a machine. */
import type { Argv, CommandResult } from '@mesos-torque/common/run-command.ts';
import { succeeded } from '@mesos-torque/minicluster/command.ts';
import { waitUntil } from '@mesos-torque/minicluster/wait-until.ts';
import type { Placed } from '../layout.ts';
import type { Account, Machine, RunOptions } from '../site.ts';
import { docker, run } from './docker.ts';
import { listProcesses, processesIn, type ProcessLine } from './processes.ts';

export interface MachineParts {
  readonly placed: Placed;
  readonly container: string;
  readonly address: string;
  /** Image with iptables. */
  readonly toolsImage: string;
  /** Resolves when the daemons that it starts at boot answer. */
  booted(machine: ContainerMachine): Promise<void>;
}

export interface ContainerMachine extends Machine {
  readonly container: string;
  /** With the children that belong to the machine itself. */
  allProcesses(): Promise<readonly ProcessLine[]>;
  /** Starts a program that outlives the call. */
  begin(argv: Argv, as: Account): Promise<void>;
}

const runMsUsual = 60_000;
/** What the engine needs on top of the command's own time. */
const engineMs = 15_000;
const timedOutCode = 124;

export function containerMachine(parts: MachineParts): ContainerMachine {
  const { container, placed } = parts;
  const isOn = async (): Promise<boolean> => {
    const state = await docker(['inspect', '--format', '{{.State.Running}}', container]);
    return state.trim() === 'true';
  };
  const allProcesses = async (): Promise<readonly ProcessLine[]> => {
    const result = await run(['docker', 'exec', container, ...listProcesses]);
    if (result.kind === 'exit' && result.code === 0) return processesIn(result.stdout.toString('utf8'));
    if (!(await isOn())) return [];
    throw new Error(`${placed.name}: ps ended with ${result.kind}`);
  };
  let isCut = false;
  const execute = (argv: Argv, options: RunOptions = {}): Promise<CommandResult> =>
    runWithin(container, argv, options);
  const machine: ContainerMachine = {
    name: placed.name,
    address: parts.address,
    container,
    run: execute,
    async begin(argv, as) {
      await docker(['exec', '--detach', ...accountOptions(as), container, ...argv]);
    },
    async readFile(file) {
      const result = await execute(['cat', file]);
      return result.kind === 'exit' && result.code === 0 ? result.stdout.toString('utf8') : null;
    },
    async writeFile(file, text) {
      const result = await execute(['install', '-D', '-m', '644', '/dev/stdin', file], { stdin: text });
      if (!succeeded(result)) throw new Error(`writing ${file} on ${placed.name}: ${said(result)}`);
    },
    allProcesses,
    async processes() {
      const lines = await allProcesses();
      return lines
        .filter(({ isHousekeeping }) => !isHousekeeping)
        .map(({ pid, user, command }) => ({ pid, user, command }));
    },
    async signal(pid, signal) {
      return succeeded(await execute(['kill', '-s', signal.replace(/^SIG/, ''), String(pid)]));
    },
    async powerOff() {
      if (await isOn()) await docker(['kill', container]);
      await waitUntil({ what: `${placed.name} is off`, timeoutMs: 20_000 }, async () => !(await isOn()));
    },
    async powerOn() {
      if (!(await isOn())) await docker(['start', container]);
      await parts.booted(machine);
    },
    isOn,
    async cut() {
      isCut = true;
      await filter(parts, ['-F']);
      await filter(parts, ['-A', 'INPUT', '!', '-i', 'lo', '-j', 'DROP']);
      await filter(parts, ['-A', 'OUTPUT', '!', '-o', 'lo', '-j', 'DROP']);
    },
    async heal() {
      if (!isCut) return;
      // A machine that is off has lost its rules with its network.
      if (await isOn()) await filter(parts, ['-F']);
      isCut = false;
    },
  };
  return machine;
}

/** From beside the machine: it needs neither the program nor the right. */
async function filter({ container, toolsImage }: MachineParts, rule: readonly string[]): Promise<void> {
  const rights = ['--cap-drop', 'ALL', '--cap-add', 'NET_ADMIN', '--network', `container:${container}`];
  await docker(['run', '--rm', ...rights, toolsImage, 'iptables', '-w', ...rule]);
}

async function runWithin(container: string, argv: Argv, options: RunOptions): Promise<CommandResult> {
  const timeoutMs = options.timeoutMs ?? runMsUsual;
  // Whoever ends the docker command does not end what it runs.
  const limit = ['timeout', '-k', '2', String(Math.ceil(timeoutMs / 1000))];
  const result = await run(
    [
      'docker',
      'exec',
      '--interactive',
      ...accountOptions(options.as ?? 'root'),
      container,
      ...limit,
      ...argv,
    ],
    { timeoutMs: timeoutMs + engineMs, stdin: options.stdin ?? '' },
  );
  if (result.kind !== 'exit' || result.code !== timedOutCode) return result;
  return {
    kind: 'timed-out',
    timeoutMs,
    stdout: result.stdout,
    stderr: result.stderr,
    durationMs: result.durationMs,
  };
}

/** As after a login; `root` is at home in its own folder, too. */
export function accountOptions(account: Account): readonly string[] {
  const home = account === 'root' ? '/root' : `/home/${account}`;
  const environment = [
    `HOME=${home}`,
    `USER=${account}`,
    `LOGNAME=${account}`,
    'SHELL=/bin/bash',
    'LANG=C.UTF-8',
  ];
  return ['--user', account, '--workdir', home, ...environment.flatMap((one) => ['--env', one])];
}

function said(result: CommandResult): string {
  return result.kind === 'spawn-failed' ? result.error : result.stderr.toString('utf8').trim();
}
