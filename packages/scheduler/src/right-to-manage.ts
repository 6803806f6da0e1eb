/**
 * The right that elastic nodes take: pbs_server lets managers alone create and delete nodes. Without it each launch
 * would end with a refused node and be held against its agent, which can do nothing for it; so nothing is launched.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { QueueSettings } from './core/settings.ts';
import type { Outcome, Problem, TorquePort } from './loop/ports.ts';
import { whoWeAre } from './setup/who-we-are.ts';
import { tryRights, type Rights } from './torque/rights.ts';
import type { SetupServer } from './torque/server-view.ts';
import { failed } from './torque/torque-commands.ts';

/** Where `torque.server` is, for the command that gives the right. */
export interface RightParts {
  readonly torque: SetupServer & Pick<TorquePort, 'readSettings'>;
  readonly server: string;
}

/** Reads the settings; refused, with the right that is missing and what gives it, as long as it is missing. */
export async function readSettingsIfManager(parts: RightParts): Promise<Outcome<QueueSettings>> {
  // Together: a reading takes no longer for it.
  const [settings, rights] = await Promise.all([parts.torque.readSettings(), tryRights(parts.torque)]);
  if (!settings.ok || !rights.ok) return settings;
  const missing = missingIn(rights.value);
  return missing === null ? settings : sayWhatGrants(failed('refused', missing), parts);
}

/** The outcome, and the command that gives the right where it is a refusal for want of it. */
export async function sayWhatGrants<T>(outcome: Outcome<T>, { server }: RightParts): Promise<Outcome<T>> {
  if (outcome.ok || !isWantOfRight(outcome.problem)) return outcome;
  const { kind, detail } = outcome.problem;
  const { grantManager } = await whoWeAre();
  return failed(
    kind,
    `${detail}: only a manager may create and delete nodes; as root on ${server}: ${grantManager}`,
  );
}

/** What our own trial says, and 6.1.3: "Unauthorized Request  MSG=error in permissions (PERM_MANAGER)". */
function isWantOfRight({ detail }: Problem): boolean {
  return /this user is (?:no manager|an operator)|error in permissions \(PERM_/.test(detail);
}

function missingIn(rights: Rights): string | null {
  switch (rights) {
    case 'manager':
      return null;
    case 'manager-with-hierarchy':
      return 'the server_priv/mom_hierarchy file of pbs_server forbids to create and delete nodes; move it away and restart pbs_server';
    case 'operator':
      return 'this user is an operator of pbs_server, and no manager';
    case 'none':
      return 'this user is no manager of pbs_server';
    default:
      return unreachable(rights);
  }
}
