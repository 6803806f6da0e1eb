/** Offers by agent: what each agent holds out in all, and why a mom may not be launched there. */
import { add, nothing, type ResourceVector } from '@mesos-torque/common/units.ts';
import { constrain } from './constraints.ts';
import type { AgentTrouble, Intent, MomPorts, OfferFacts } from './facts.ts';
import { nodeNameOf, taskIdOf } from './names.ts';
import { by, byName, byText, inTurn } from './order.ts';
import type { Policy } from './policy.ts';
import { quarantineOf, restEndsAtMs } from './quarantine.ts';
import type { Reason } from './reasons.ts';
import {
  agentBacksOff,
  agentQuarantined,
  agentHasNode,
  hostUnusable,
  nodeNameKnown,
  noPorts,
} from './reasons-demand.ts';
import { mapSliced, sortSliced, type Sliced } from './sliced.ts';
import { agentDrained } from './reasons-wishes.ts';
import type { Survey } from './survey.ts';
import { drainOf } from './wishes.ts';

export interface AgentOffer {
  readonly agentId: string;
  readonly host: string;
  /** The name that a node on this agent has. */
  readonly nodeName: string;
  readonly offers: readonly OfferFacts[];
  readonly resources: ResourceVector;
  readonly properties: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  /** Null when TORQUE's own ports are used. */
  readonly ports: MomPorts | null;
  readonly unavailableFromMs: number | null;
  /** When the oldest of the offers came. */
  readonly receivedAtMs: number;
  /** Why nothing may be launched on this agent now, whatever is asked; null if it may. */
  readonly refused: Reason | null;
  /** When that ends, as far as is known; null if it does not end by itself. */
  readonly refusedUntilMs: number | null;
}

/** Smallest agents first, those with gpus and properties last, so that rare things are kept for who needs them. */
export function* agentOffers(
  survey: Survey,
  backOffEnds: (atMs: number) => void,
): Sliced<readonly AgentOffer[]> {
  const { snapshot } = survey;
  const inOrder = yield* sortSliced(snapshot.offers, (a, b) => byText(a.id, b.id));
  const byAgent = new Map<string, OfferFacts[]>();
  for (const offer of inOrder) {
    const found = byAgent.get(offer.agentId);
    if (found === undefined) byAgent.set(offer.agentId, [offer]);
    else found.push(offer);
  }
  yield;
  const taken = takenAgents(survey);
  const trouble = new Map(snapshot.trouble.map((one) => [one.agentId, one]));
  yield;
  const agents = yield* mapSliced([...byAgent.values()], (offers) =>
    agentOffer(offers, survey, taken, trouble, backOffEnds),
  );
  return yield* underConstraints(yield* sortSliced(agents.flat(), smallestFirst), survey);
}

/** Those that constraints forbid are refused; those that GROUP_BY prefers come first. */
function* underConstraints(agents: readonly AgentOffer[], survey: Survey): Sliced<readonly AgentOffer[]> {
  if (survey.policy.constraints.length === 0) return agents;
  const free = agents.filter(({ refused }) => refused === null);
  const rulings = constrain(free, survey, propertyOf);
  const byId = new Map(free.map(({ agentId }, index) => [agentId, rulings[index]] as const));
  yield;
  const ruled = agents.map((agent) => {
    const ruling = byId.get(agent.agentId);
    return ruling === undefined ? agent : { ...agent, refused: ruling.refused };
  });
  const rankOf = ({ agentId }: AgentOffer): number => byId.get(agentId)?.rank ?? Infinity;
  return yield* sortSliced(
    ruled,
    inTurn<AgentOffer>((a, b) => Math.sign(rankOf(a) - rankOf(b)) || 0, smallestFirst),
  );
}

const smallestFirst = inTurn<AgentOffer>(
  by((agent) => agent.resources.gpus),
  by((agent) => agent.properties.length),
  by((agent) => agent.resources.cpuMilli),
  by((agent) => agent.resources.memMib),
  by((agent) => agent.resources.diskMib),
  byName((agent) => agent.nodeName),
  byName((agent) => agent.agentId),
);

function agentOffer(
  offers: readonly OfferFacts[],
  survey: Survey,
  taken: ReadonlyMap<string, Intent>,
  trouble: ReadonlyMap<string, AgentTrouble>,
  backOffEnds: (atMs: number) => void,
): AgentOffer[] {
  const [first] = offers;
  if (first === undefined) return [];
  const { policy, snapshot } = survey;
  const nodeName = first.host.toLowerCase();
  const ports = policy.portsFromOffer ? freePorts(offers) : null;
  const windows = offers.flatMap((offer) => offer.unavailableFromMs ?? []);
  const refused = (): Refused | null => {
    const holder = taken.get(first.agentId) ?? taken.get(nodeName);
    if (holder !== undefined) return takenBy(holder, nodeName, survey);
    const flaw = flawOf(first, nodeName, ports, survey);
    if (flaw !== null) return { why: flaw, untilMs: null };
    const wish = drainOf({ agentId: first.agentId, nodeName }, snapshot.wishes);
    if (wish !== null) return { why: agentDrained(wish), untilMs: null };
    const backOff = backingOff(trouble.get(first.agentId), policy, snapshot.nowMs);
    if (backOff !== null && backOff.untilMs !== null) backOffEnds(backOff.untilMs);
    return backOff;
  };
  const refusedNow = refused();
  return [
    {
      agentId: first.agentId,
      host: first.host,
      nodeName,
      offers,
      resources: offers.reduce((sum, offer) => add(sum, offer.resources), nothing),
      properties: propertiesOf(offers, policy),
      attributes: Object.assign({}, ...offers.map((offer) => offer.attributes)) as AgentOffer['attributes'],
      ports,
      unavailableFromMs: windows.length === 0 ? null : Math.min(...windows),
      receivedAtMs: Math.min(...offers.map((offer) => offer.receivedAtMs)),
      refused: refusedNow?.why ?? null,
      refusedUntilMs: refusedNow?.untilMs ?? null,
    },
  ];
}

interface Refused {
  readonly why: Reason;
  readonly untilMs: number | null;
}

/** One mom per agent; a node that is leaving makes its place free soon. */
function takenBy(holder: Intent, nodeName: string, { snapshot, policy, ours }: Survey): Refused {
  const phase = ours.find(({ intent }) => intent.taskId === holder.taskId)?.phase;
  const soon = phase === 'leaving' || phase === 'gone';
  return {
    why: agentHasNode(nodeName, holder.taskId),
    untilMs: soon ? snapshot.nowMs + policy.repeatMs : null,
  };
}

/** What is wrong with the agent itself. */
function flawOf(
  offer: OfferFacts,
  nodeName: string,
  ports: MomPorts | null,
  { policy, namesKnown }: Survey,
): Reason | null {
  if (nodeNameOf(taskIdOf(nodeName, 1)) !== nodeName) return hostUnusable(offer.host);
  if (namesKnown.has(nodeName)) return nodeNameKnown(nodeName);
  if (policy.portsFromOffer && ports === null) return noPorts(offer.agentId);
  return null;
}

/** Intents by agent and by node name: one mom per agent, until its intent is forgotten. */
function takenAgents({ snapshot }: Survey): ReadonlyMap<string, Intent> {
  return new Map(
    snapshot.intents.flatMap((intent) => [
      [intent.agentId, intent] as const,
      [intent.nodeName, intent] as const,
    ]),
  );
}

/** Back-off doubles with every failure in a row. */
export function backingOff(trouble: AgentTrouble | undefined, policy: Policy, nowMs: number): Refused | null {
  if (trouble === undefined || trouble.failures <= 0) return null;
  const untilMs = restEndsAtMs(trouble, policy);
  if (nowMs >= untilMs) return null;
  const quarantine = quarantineOf(trouble, policy, nowMs);
  const why =
    quarantine === null ? agentBacksOff(trouble, untilMs, nowMs) : agentQuarantined(quarantine, nowMs);
  return { why, untilMs };
}

/** The two lowest free ports. */
function freePorts(offers: readonly OfferFacts[]): MomPorts | null {
  const ranges = offers.flatMap((offer) => offer.ports).sort(by((range) => range.begin));
  const ports = ranges.flatMap(({ begin, end }) =>
    end > begin ? [begin, begin + 1] : end === begin ? [begin] : [],
  );
  const [service, manager] = [...new Set(ports)].sort((a, b) => a - b);
  return service === undefined || manager === undefined ? null : { service, manager };
}

const propertyLengthMax = 64;

/** Attributes that the policy names, as TORQUE properties. */
function propertiesOf(offers: readonly OfferFacts[], policy: Policy): readonly string[] {
  const found = offers.flatMap((offer) =>
    policy.propertyAttributes.flatMap((name) => {
      const value = offer.attributes[name];
      return value === undefined ? [] : (propertyOf(name, value) ?? []);
    }),
  );
  return [...new Set(found)].sort(byText);
}

/**
 * The value of an attribute, or its name where the value is `true`; null for `false` and for what
 * cannot be a property. TORQUE takes letters, digits and `_ - .`, with a letter first; a value that
 * begins otherwise gets the attribute's name in front (rack 7 is `rack-7`).
 */
export function propertyOf(name: string, value: string): string | null {
  if (value === 'false' || value === '') return null;
  const text = value === 'true' ? name : /^[A-Za-z]/.test(value) ? value : `${name}-${value}`;
  const clean = text.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, propertyLengthMax);
  return /^[A-Za-z]/.test(clean) ? clean : null;
}
