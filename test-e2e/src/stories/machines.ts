/** Machines of the site, found by what runs on them. */
import type { AgentMachine, MasterMachine, Site } from '../site.ts';

export function agentOf(site: Site, node: string): AgentMachine {
  const found = site.agents.find(({ name }) => name === node);
  if (found === undefined) throw new Error(`no agent is called ${node}`);
  return found;
}

/** The one that answers for itself; the others send on to it. */
export async function leaderOf({ masters }: Site): Promise<MasterMachine | null> {
  for (const machine of masters) {
    if (!(await machine.master.isRunning())) continue;
    const answer = await fetch(`${machine.url}/roles`, { redirect: 'manual' }).catch(() => null);
    // A stand-in has no /roles, and says 404 only where it leads.
    if (answer !== null && (answer.status === 200 || answer.status === 404)) return machine;
  }
  return null;
}
