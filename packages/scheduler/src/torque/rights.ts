/**
 * What this user may do at pbs_server, tried and not assumed. The trials name a node that cannot exist:
 * 6.1.3 and 4.2.10 look at the rights first and at the name afterwards, so "Unknown node" means yes, and
 * nothing changes either way.
 */
import type { Outcome, Problem } from '../loop/ports.ts';
import type { SetupServer } from './server-view.ts';
import { during, failed } from './torque-commands.ts';

/** `with-hierarchy`: a server_priv/mom_hierarchy file forbids to create and delete nodes, to managers too. */
export type Rights = 'manager' | 'manager-with-hierarchy' | 'operator' | 'none';

/** No name of this domain ever resolves (RFC 2606), so no node can have it. */
const trialNode = 'rights-trial.mesos-torque.invalid';

export async function tryRights(torque: SetupServer): Promise<Outcome<Rights>> {
  const asManager = await trial(torque, `delete node ${trialNode}`);
  if (!asManager.ok) return asManager;
  if (asManager.value !== 'refused')
    return { ok: true, value: asManager.value === 'hierarchy' ? 'manager-with-hierarchy' : 'manager' };
  const asOperator = await trial(torque, `set node ${trialNode} state=offline`);
  if (!asOperator.ok) return asOperator;
  return { ok: true, value: asOperator.value === 'refused' ? 'none' : 'operator' };
}

async function trial(
  torque: SetupServer,
  sentence: string,
): Promise<Outcome<'allowed' | 'hierarchy' | 'refused'>> {
  const tried = await torque.commands.qmgr(sentence);
  if (tried.ok) return failed('garbled', `trying the rights: ${sentence} succeeded on a node that cannot be`);
  const { problem } = tried;
  switch (problem.kind) {
    case 'not-found':
      return { ok: true, value: 'allowed' };
    case 'refused':
      return refusal(problem);
    case 'unreachable':
    case 'timed-out':
    case 'garbled':
    case 'conflict':
    case 'theirs':
      return during('trying the rights', problem);
  }
}

function refusal(problem: Problem): Outcome<'hierarchy' | 'refused'> {
  if (problem.detail.includes('mom_hierarchy file')) return { ok: true, value: 'hierarchy' };
  if (problem.detail.includes('error in permissions (PERM_')) return { ok: true, value: 'refused' };
  return during('trying the rights', problem);
}
