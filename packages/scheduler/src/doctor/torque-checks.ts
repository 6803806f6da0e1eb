/** The checks of TORQUE's side, which share what they read. */
import type { RunCommand } from '@mesos-torque/common/run-command.ts';
import type { Config } from '../config.ts';
import type { Outcome } from '../loop/ports.ts';
import { whoWeAre } from '../setup/who-we-are.ts';
import { wantedSetup } from '../setup/wanted-setup.ts';
import { tryRights, type Rights } from '../torque/rights.ts';
import { managersOf, readServer, type ServerView } from '../torque/server-view.ts';
import { TorqueClient } from '../torque/torque-client.ts';
import type { Printed } from '../torque/torque-commands.ts';
import { unknown, type Check, type Verdict } from './check.ts';
import { connectTo } from './probes.ts';
import { judgeQueues } from './queues.ts';
import { judgeHierarchy, judgeRights, judgeServer, judgeTrqauthd } from './server.ts';
import { judgeSetup } from './setup-steps.ts';

/** Fixed in TORQUE's source. */
const trqauthdSocket = '/tmp/trqauthd-unix';
const timeMsMax = 5_000;

export function torqueChecks(config: Config, run: RunCommand, needs: readonly string[]): readonly Check[] {
  const { torque } = config;
  const isManaged = startsDaemons(config.server);
  const client = new TorqueClient({ run, binDir: torque.binDir, timeoutMs: torque.commandTimeoutMs });
  const listed = once<Outcome<Printed>>(() => client.commands.qmgr('list server'));
  const view = once<Outcome<ServerView>>(() => readServer(client));
  const rights = once<Outcome<Rights>>(() => tryRights(client));
  const ofView = async (judge: (seen: ServerView) => Verdict): Promise<Verdict> => {
    const seen = await view();
    return seen.ok ? judge(seen.value) : unknown(seen.problem.detail);
  };
  return [
    {
      name: 'trqauthd',
      needs,
      probe: async () =>
        judgeTrqauthd(await listed(), await connectTo({ path: trqauthdSocket }, timeMsMax), isManaged),
    },
    {
      name: 'pbs_server',
      needs: ['trqauthd'],
      probe: async () => judgeServer(await listed(), torque.server, isManaged),
    },
    {
      name: 'rights',
      needs: ['pbs_server'],
      probe: async () => {
        const seen = await view();
        const managers = seen.ok ? managersOf(seen.value) : [];
        return judgeRights(await rights(), await whoWeAre(), torque.server, managers);
      },
    },
    { name: 'mom_hierarchy', needs: ['pbs_server'], probe: async () => judgeHierarchy(await rights()) },
    { name: 'queues', needs: ['pbs_server'], probe: () => ofView(judgeQueues) },
    {
      name: 'server set-up',
      needs: ['pbs_server'],
      probe: () => ofView((seen) => judgeSetup(seen, wantedSetup(config), torque.manageServer)),
    },
  ];
}

/** Whether our scheduler starts what does not run. */
export function startsDaemons({ mode }: Config['server']): boolean {
  switch (mode) {
    case 'manage':
      return true;
    case 'attach':
      return false;
    case 'manage-as-root':
      return process.getuid?.() === 0;
  }
}

/** Asks once, whoever wants to know. */
export function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | null = null;
  return () => (asked ??= ask());
}
