/** Agents by what people call them: the id that Mesos gave, or the name of their host. */
import type { PastOffer } from '../core/explain.ts';
import type { Snapshot } from '../core/facts.ts';
import { invalid } from './order-words.ts';

/**
 * The id of the agent that is meant. A name that is neither an id nor a host that we know is given back as it is: whoever
 * asks knows what to say of an agent that is not there. Throws INVALID_ARGUMENT, naming all, where several agents are on
 * that host: Mesos gives an agent that begins anew another id.
 */
export function agentNamed(name: string, snapshot: Snapshot, pastOffers: readonly PastOffer[]): string {
  const known = [
    ...snapshot.offers.map(({ agentId, host }) => ({ agentId, host })),
    ...pastOffers.map(({ offer: { agentId, host } }) => ({ agentId, host })),
    ...snapshot.intents.map(({ agentId, nodeName }) => ({ agentId, host: nodeName })),
  ];
  const ids = [...known, ...snapshot.trouble, ...drained(snapshot)].map(({ agentId }) => agentId);
  if (ids.includes(name)) return name;
  const host = name.toLowerCase();
  const onHost = new Set(
    known.filter((one) => one.host.toLowerCase() === host).map(({ agentId }) => agentId),
  );
  const [only, ...others] = [...onHost].sort();
  if (only === undefined) return name;
  if (others.length === 0) return only;
  const all = [only, ...others].slice(0, 5).join(' and ');
  throw invalid('HOST_AMBIGUOUS', `agent ${name}: on that host are ${all}; name one of them by its id`);
}

function drained({ wishes }: Snapshot): readonly { readonly agentId: string }[] {
  return wishes.drains.flatMap(({ target }) => (target.kind === 'agent' ? [target] : []));
}
