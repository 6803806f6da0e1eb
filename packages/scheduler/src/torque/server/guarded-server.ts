/** The server as the guard needs it, through qmgr, qselect and qsub. */
import type { Outcome } from '../../loop/ports.ts';
import { parsePrintServer } from '../server-attributes.ts';
import type { TorqueCommands } from '../torque-commands.ts';
import type { GuardedServer } from './guard.ts';
import { hasWaitingJobs, probeNodect, type ProbeParts } from './nodect-probe.ts';

export interface GuardedServerParts {
  readonly commands: TorqueCommands;
  /** With the account as whom to probe, found anew for each: it may be made meanwhile. */
  readonly probe: () => Promise<Outcome<ProbeParts>>;
  readonly setUp: () => Promise<Outcome<null>>;
}

export function guardedServer({ commands, probe, setUp }: GuardedServerParts): GuardedServer {
  return {
    async readScheduling() {
      const printed = await commands.qmgr('print server');
      const attributes = printed.ok ? parsePrintServer(printed.value.stdout.toString('utf8')) : printed;
      // Never set is off, as 6.1.3 shows it of a new database.
      return attributes.ok
        ? { ok: true, value: attributes.value.get('scheduling')?.[0]?.toLowerCase() === 'true' }
        : attributes;
    },
    async setScheduling(on) {
      const done = await commands.qmgr(`set server scheduling=${String(on)}`);
      return done.ok ? { ok: true, value: null } : done;
    },
    async hasWaitingJobs() {
      const parts = await probe();
      return parts.ok ? hasWaitingJobs(parts.value) : parts;
    },
    async probe() {
      const parts = await probe();
      return parts.ok ? probeNodect(parts.value) : parts;
    },
    setUp,
  };
}
