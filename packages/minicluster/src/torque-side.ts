/** TORQUE on the head node of a mini-cluster: the stand-in or the real one, used in the same way. */
import type { Argv } from '@mesos-torque/common/run-command.ts';
import type { Command } from './command.ts';

export interface TorqueSide {
  /** What runs, for people: `stand-in` or `real`. */
  readonly kind: 'stand-in' | 'real';
  readonly serverName: string;
  /** Folders with the commands, for the head's administrator and for moms on agents. */
  readonly binDirs: readonly string[];
  /** As whom the framework submits, where it is root: `torque.probeUser`. */
  readonly probeUser: string;
  /** Starts server and scheduler; resolves when `qmgr` answers and the queue exists. */
  start(): Promise<void>;
  /** Ends them in order. Moms are not its business: the framework started them. */
  stop(): Promise<void>;
  /** A command as the ordinary user of the cluster, or as its administrator. */
  command(who: 'user' | 'admin', argv: Argv): Command;
}

/** The smallest server that takes jobs: one queue, started, and jobs that stay listed for a while. */
export const serverSettings: readonly string[] = [
  'create queue batch',
  'set queue batch queue_type = execution',
  'set queue batch started = true',
  'set queue batch enabled = true',
  'set queue batch resources_default.walltime = 01:00:00',
  'set server default_queue = batch',
  'set server keep_completed = 600',
  'set server scheduling = true',
];
