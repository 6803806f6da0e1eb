/** A machine of the site that is this machine under another name. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { waitUntil } from '@mesos-torque/minicluster/wait-until.ts';
import type { Account, Machine } from '../site.ts';
import type { OwnedProcess } from './owned-processes.ts';

export interface MachineParts {
  readonly name: string;
  /** The whole environment of a command that is to act as the account. */
  environmentOf(account: Account): Readonly<Record<string, string>>;
  readonly cwd: string;
  /** All processes of the site. */
  owned(): Promise<readonly OwnedProcess[]>;
  /** Starts what the machine starts when it boots; null where it cannot be switched off. */
  readonly boot: (() => Promise<void>) | null;
}

const endMsMax = 10_000;
/** What does the machine's part in clusters; its jobs go on while it is cut off. */
const daemons = /agent-main|mesos-agent|torque-executor|pbs_mom|momctl/;

export function localMachine(parts: MachineParts): Machine {
  const { name } = parts;
  let isOn = true;
  const own = async (): Promise<readonly OwnedProcess[]> =>
    (await parts.owned()).filter(({ machine }) => machine === name);
  return {
    name,
    address: '127.0.0.1',
    run: (argv, options = {}) =>
      runCommand(argv, {
        timeoutMs: options.timeoutMs ?? 60_000,
        outputBytesMax: 64 * 1024 * 1024,
        env: parts.environmentOf(options.as ?? 'root'),
        cwd: parts.cwd,
        stdin: options.stdin ?? '',
      }),
    readFile: (file) => readFile(file, 'utf8').catch(() => null),
    async writeFile(file, text) {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
    },
    async processes() {
      const user = os.userInfo().username;
      return (await own()).map(({ pid, command }) => ({ pid, user, command }));
    },
    signal: (pid, signal) => Promise.resolve(signalled(pid, signal)),
    async powerOff() {
      if (parts.boot === null) throw new Error(`${name} cannot be switched off`);
      isOn = false;
      // What is started while the first are ended goes with the next look.
      await waitUntil({ what: `nothing runs on ${name}`, timeoutMs: endMsMax }, async () => {
        const left = await own();
        for (const { pid } of left) signalled(pid, 'SIGKILL');
        return left.length === 0;
      });
    },
    async powerOn() {
      await parts.boot?.();
      isOn = true;
    },
    isOn: () => Promise.resolve(isOn),
    // Frozen, a daemon is to all others as behind a network that loses everything: they wait for answers.
    async cut() {
      for (const { pid, command } of await own()) if (daemons.test(command)) signalled(pid, 'SIGSTOP');
    },
    async heal() {
      for (const { pid } of await own()) signalled(pid, 'SIGCONT');
    },
  };
}

function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
