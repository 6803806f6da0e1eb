/** The command lines of pbs_mom and momctl. Whatever goes into one has been checked by `orders.ts`. */
import type { Argv } from '@mesos-torque/common/run-command.ts';
import type { CheckedOrders } from './orders.ts';

/** Ports where a mom listens when it is not told otherwise. */
export const defaultServicePort = 15002;
export const defaultManagerPort = 15003;

/**
 * `pbs_mom` in the foreground. Several moms on one host need ports of their own, and with them `-m`
 * (lock and log files are then named by port) and `-A`, the name under which the server knows the node:
 * 6.1.3 tells its node apart from others of the same address by these. `-H` is given when the system's
 * own name is another: without it a name that does not resolve ends the mom with exit code 255.
 */
export function pbsMomArgv(
  program: string,
  orders: CheckedOrders,
  home: string,
  ownHostName: string,
  jobs: 'none yet' | 'kept',
): Argv {
  const { nodeName, servicePort, managerPort } = orders;
  const ownPorts = servicePort !== defaultServicePort || managerPort !== defaultManagerPort;
  return [
    program,
    '-D',
    '-d',
    home,
    // Takes up the jobs that an earlier mom has left running. Never -q, with which they would run twice.
    ...(jobs === 'kept' ? ['-p'] : []),
    ...(nodeName === ownHostName ? [] : ['-H', nodeName]),
    ...(ownPorts ? ['-m', '-M', `${servicePort}`, '-R', `${managerPort}`, '-A', nodeName] : []),
  ];
}

const momctlWords = {
  diagnose: ['-d', '3'],
  /** A cycle: the mom reports to its server at once, and asks for the list of hosts anew. */
  nudge: ['-C'],
  'shut down': ['-s'],
} as const;

/**
 * `momctl` on the mom of this host. It asks localhost, which every mom trusts and which needs no name
 * service (an unknown name costs 6.1.3 five tries of a second each).
 */
export function momctlArgv(
  program: string,
  orders: CheckedOrders,
  what: 'diagnose' | 'nudge' | 'shut down',
): Argv {
  const port = orders.managerPort === defaultManagerPort ? [] : ['-p', `${orders.managerPort}`];
  return [program, ...port, ...momctlWords[what]];
}
