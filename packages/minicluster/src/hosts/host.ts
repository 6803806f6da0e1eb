/**
 * A machine of the mini-cluster. On the embedded cluster every host is this machine; with the real
 * TORQUE each host is a network namespace with a name and an address of its own.
 */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import type { Argv } from '@mesos-torque/common/run-command.ts';

export interface SpawnOptions {
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdio: StdioOptions;
}

export interface Host {
  /** Fully qualified name, as TORQUE and Mesos know the host. */
  readonly name: string;
  /** The IPv4 address under which the other hosts reach it. */
  readonly address: string;
  /** The argument vector that runs `argv` on this host in the folder `cwd`, as seen from here. */
  argvHere(argv: Argv, cwd: string): Argv;
  /** Whether `argvHere` starts the program as the child of a helper, which then ends as the program did. */
  readonly throughHelper: boolean;
}

/** Starts a program on a host, in a process group of its own. */
export function spawnOn(host: Host, argv: Argv, options: SpawnOptions): ChildProcess {
  const [program, ...args] = host.argvHere(argv, options.cwd);
  return spawn(program, args, { ...options, detached: true });
}

/** This machine under another name: names differ, the address is the loopback's. */
export function localHost(name: string): Host {
  return { name, address: '127.0.0.1', argvHere: (argv) => argv, throughHelper: false };
}
