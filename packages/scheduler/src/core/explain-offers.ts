/** What Mesos offers a job, or offered lately, with the arithmetic of each; and the agents that are left alone. */
import { grouped } from '@mesos-torque/common/units.ts';
import { about, ago, amountsText, plain, type Line } from './explain-words.ts';
import type { PastOffer, Scene } from './explain.ts';
import { refusal, type Refusal } from './fit.ts';
import { backingOff, type AgentOffer } from './offers.ts';
import type { Want } from './pool.ts';
import { counted, type Reason } from './reasons.ts';
import { agentDrained } from './reasons-wishes.ts';

/** Each agent that offers, or offered lately; the nearest to fitting first. */
export function offerLines(wants: readonly Want[], scene: Scene): readonly Line[] {
  const { agents, pastAgents, snapshot, plan, pastOffers } = scene;
  const verdicts = new Map(plan.report.offers.map((verdict) => [verdict.offerId, verdict]));
  const past = new Map<string, PastOffer>(pastOffers.map((one) => [one.offer.agentId, one]));
  const now = agents.map((agent) => {
    const verdict = verdicts.get(agent.offers[0]?.id ?? '');
    const fate = verdict === undefined ? '' : `${verdict.kind}: `;
    const but = verdict?.kind === 'declined' ? `, but ${verdict.why.text}` : '';
    return judged(agent, wants, scene, { fate, but });
  });
  const before = pastAgents.map((agent) => {
    const agoMs = snapshot.nowMs - (past.get(agent.agentId)?.atMs ?? snapshot.nowMs);
    return judged(agent, wants, scene, { fate: `declined ${ago(agoMs)} ago: `, but: '' });
  });
  const all = [...now, ...before].sort((a, b) => b.nearness - a.nearness);
  const here =
    agents.length === 0 ? 'no agent offers anything now' : `${agentsText(agents.length)} offering now`;
  const lately =
    pastAgents.length === 0 ? '' : `, ${agentsText(pastAgents.length)} whose offers were declined lately`;
  return [plain(`${here}${lately}`), ...all.map(({ line }) => line)];
}

function agentsText(count: number): string {
  return `${grouped(count)} ${count === 1 ? 'agent' : 'agents'}`;
}

/** Of these the section about agents that are left alone says why, and what their offers are worth. */
const leftAloneCodes = ['agent-quarantined', 'agent-backs-off', 'agent-drained'];

interface Judged {
  readonly line: Line;
  readonly nearness: number;
}

/** What was done with an agent's offer, and, where it would fit, why it was not taken all the same. */
interface Fate {
  readonly fate: string;
  readonly but: string;
}

function judged(agent: AgentOffer, wants: readonly Want[], scene: Scene, { fate, but }: Fate): Judged {
  const has = `${agent.host} offers ${amountsText(agent.resources)}`;
  const nearest = nearestRefusal(agent, wants, scene);
  if (nearest === null) {
    const line = about('agent', agent.agentId, `${has}; ${fate}it would fit${but}`, 'fits');
    return { line, nearness: Infinity };
  }
  const { code, text } = nearest.why();
  if (leftAloneCodes.includes(code)) {
    const line = about('agent', agent.agentId, `${has}; ${fate}left alone, see below`, code);
    return { line, nearness: nearnessOf(nearest) };
  }
  const line = about(
    'agent',
    agent.agentId,
    `${has}; ${fate}${text}${apartFromThat(agent, wants, scene)}`,
    code,
  );
  return { line, nearness: nearnessOf(nearest) };
}

/** Of the different things that a job wants of a node, the one that the agent comes nearest to; null if one fits. */
function nearestRefusal(agent: AgentOffer, wants: readonly Want[], { survey }: Scene): Refusal | null {
  const { policy, snapshot } = survey;
  const refusals = wants.map((want) => refusal(want, agent, policy, snapshot.nowMs));
  return refusals.reduce<Refusal | null>(
    (best, one) => (best === null || one === null || nearnessOf(one) > nearnessOf(best) ? one : best),
    refusals[0] ?? null,
  );
}

function nearnessOf(one: Refusal | null): number {
  return one === null ? Infinity : one.check - Math.min(1, one.shortage / 2);
}

/** Whether what an agent that is left alone offers would do. */
function apartFromThat(agent: AgentOffer, wants: readonly Want[], scene: Scene): string {
  if (agent.refused === null) return '';
  const why = whyNotEvenThen(agent, wants, scene);
  return why === null ? '; apart from that it would fit' : `; besides, ${why.text}`;
}

function whyNotEvenThen(agent: AgentOffer, wants: readonly Want[], scene: Scene): Reason | null {
  return nearestRefusal({ ...agent, refused: null }, wants, scene)?.why() ?? null;
}

/** The nearest of the agents that offered lately: what the next offers are likely to be. */
export function nearestOfPast(wants: readonly Want[], scene: Scene): Reason | 'fits' | null {
  const { pastAgents } = scene;
  if (pastAgents.length === 0) return null;
  const refusals = pastAgents.map((agent) => nearestRefusal(agent, wants, scene));
  if (refusals.includes(null)) return 'fits';
  const best = refusals.toSorted((a, b) => nearnessOf(b) - nearnessOf(a))[0] ?? null;
  return best?.why() ?? null;
}

/** Agents in quarantine, backing off or drained, each with what its latest offer would have been worth. */
export function leftAloneLines(wants: readonly Want[], scene: Scene): readonly Line[] {
  const { survey, snapshot } = scene;
  const { nowMs, trouble, wishes } = snapshot;
  const worth = (agentId: string): string => {
    const agent = offerOf(agentId, scene);
    if (agent === null) return '; what it offers is not known';
    const why = whyNotEvenThen(agent, wants, scene);
    const has = `${agent.host} offers ${amountsText(agent.resources)}`;
    return why === null ? `; ${has}, which would fit` : `; ${has}: ${why.text}`;
  };
  const backingOffNow = trouble.flatMap((one) => {
    const off = backingOff(one, survey.policy, nowMs);
    return off === null
      ? []
      : [about('agent', one.agentId, `${off.why.text}${worth(one.agentId)}`, off.why.code)];
  });
  const drained = wishes.drains.map((wish) => {
    const { target } = wish;
    const { code, text } = agentDrained(wish);
    return target.kind === 'node'
      ? about('node', target.node, text, code)
      : about('agent', target.agentId, `${text}${worth(target.agentId)}`, code);
  });
  return [...backingOffNow, ...drained];
}

function offerOf(agentId: string, { agents, pastAgents }: Scene): AgentOffer | null {
  const isIt = (agent: AgentOffer): boolean => agent.agentId === agentId;
  return agents.find(isIt) ?? pastAgents.find(isIt) ?? null;
}

/** How many agents in quarantine would fit the job; null when none would. */
export function quarantinedThatFit(wants: readonly Want[], scene: Scene): string | null {
  const { plan } = scene;
  const fitting = plan.report.quarantined.filter(({ agentId, state }) => {
    const agent = offerOf(agentId, scene);
    return state === 'resting' && agent !== null && whyNotEvenThen(agent, wants, scene) === null;
  });
  if (fitting.length === 0) return null;
  return `${counted(fitting.length, 'agent')} in quarantine would fit`;
}
