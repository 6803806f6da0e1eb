/** Why an offer is taken or not, and why an agent is used or not. */
import type { OfferVerdict } from './decisions.ts';
import {
  about,
  ago,
  amountsText,
  plain,
  section,
  told,
  type Explanation,
  type Line,
} from './explain-words.ts';
import type { Scene } from './explain.ts';
import type { OfferFacts } from './facts.ts';
import { backingOff } from './offers.ts';
import { quoted, seconds } from './reasons.ts';
import { agentDrained } from './reasons-wishes.ts';
import { drainOf } from './wishes.ts';

export function explainOffer(id: string, scene: Scene): Explanation | null {
  const { snapshot, plan, pastOffers } = scene;
  const offer = snapshot.offers.find((one) => one.id === id);
  const verdict = plan.report.offers.find(({ offerId }) => offerId === id);
  if (offer !== undefined) {
    const why = verdict === undefined ? 'not looked at yet' : fateOf(verdict, snapshot.nowMs);
    const sections = [
      section('verdict', 'What mesos-torque says', [verdict === undefined ? plain(why) : told(verdict.why)]),
      section('offers', 'What it holds', offerLines(offer, snapshot.nowMs)),
      section('agents', 'Its agent', agentLines(offer.agentId, offer.host.toLowerCase(), scene)),
    ];
    return { kind: 'offer', id, conclusion: `Offer ${id} of ${offer.host} is ${why}.`, sections };
  }
  const past = pastOffers.find((one) => one.offer.id === id);
  if (past === undefined) return null;
  const sections = [
    section('offers', 'What it held', offerLines(past.offer, snapshot.nowMs)),
    section('agents', 'Its agent', agentLines(past.offer.agentId, past.offer.host.toLowerCase(), scene)),
  ];
  const conclusion = `Offer ${id} of ${past.offer.host} was declined ${ago(snapshot.nowMs - past.atMs)} ago: ${past.why}.`;
  return { kind: 'offer', id, conclusion, sections };
}

function fateOf(verdict: OfferVerdict, nowMs: number): string {
  switch (verdict.kind) {
    case 'accepted':
      return `accepted: ${verdict.why.text}`;
    case 'declined':
      return `declined for ${seconds(verdict.refuseS * 1000)}: ${verdict.why.text}`;
    case 'held':
      return `held for another ${seconds(Math.max(0, verdict.untilMs - nowMs))}: ${verdict.why.text}`;
  }
}

function offerLines(offer: OfferFacts, nowMs: number): readonly Line[] {
  const attributes = Object.entries(offer.attributes).map(([name, value]) => `${name}=${value}`);
  return [
    about(
      'agent',
      offer.agentId,
      `${amountsText(offer.resources)} on agent ${offer.agentId} (${offer.host})`,
    ),
    plain(`it came ${ago(nowMs - offer.receivedAtMs)} ago`),
    ...(attributes.length === 0 ? [] : [plain(`attributes ${attributes.join(', ')}`)]),
    ...(offer.unavailableFromMs === null
      ? []
      : [plain(`maintenance begins in ${seconds(Math.max(0, offer.unavailableFromMs - nowMs))}`)]),
  ];
}

/** `id`: the agent's id, or the name of its host. */
export function explainAgent(id: string, scene: Scene): Explanation | null {
  const { snapshot, agents, pastAgents, plan, pastOffers } = scene;
  const isIt = (one: {
    readonly agentId: string;
    readonly host?: string;
    readonly nodeName?: string;
  }): boolean =>
    one.agentId === id || one.host?.toLowerCase() === id.toLowerCase() || one.nodeName === id.toLowerCase();
  const now = agents.find(isIt);
  const past = pastAgents.find(isIt);
  const intent = snapshot.intents.find(isIt);
  const agentId = now?.agentId ?? past?.agentId ?? intent?.agentId ?? id;
  const isKnown = now ?? past ?? intent ?? snapshot.trouble.find((one) => one.agentId === agentId);
  if (isKnown === undefined) return null;
  const nodeName = now?.nodeName ?? past?.nodeName ?? intent?.nodeName ?? '';
  const held = agentLines(agentId, nodeName, scene);
  const verdicts = new Map(plan.report.offers.map((verdict) => [verdict.offerId, verdict]));
  const offers = (now?.offers ?? []).map((offer) => {
    const verdict = verdicts.get(offer.id);
    const fate = verdict === undefined ? 'not looked at yet' : fateOf(verdict, snapshot.nowMs);
    return about(
      'offer',
      offer.id,
      `${offer.id} with ${amountsText(offer.resources)}: ${fate}`,
      verdict?.why.code,
    );
  });
  const before = pastOffers
    .filter(({ offer }) => offer.agentId === agentId)
    .map(({ offer, why, atMs }) =>
      about(
        'offer',
        offer.id,
        `${offer.id} with ${amountsText(offer.resources)} was declined ${ago(snapshot.nowMs - atMs)} ago: ${why}`,
      ),
    );
  const lines = [...offers, ...before];
  const first = held[0]?.text ?? lines[0]?.text ?? 'it offers nothing at this moment';
  return {
    kind: 'agent',
    id: agentId,
    conclusion: `Agent ${agentId}${nodeName === '' ? '' : ` (${nodeName})`}${withoutSubject(first, agentId)}.`,
    sections: [
      section('agents', 'What stands in its way', held.length === 0 ? [plain('nothing')] : held),
      section('offers', 'What it offers', lines.length === 0 ? [plain('nothing at this moment')] : lines),
    ],
  };
}

/** What follows the agent's name: the text may begin with it, or with "it". */
function withoutSubject(text: string, agentId: string): string {
  const subject = [`agent ${agentId} `, 'it '].find((start) => text.startsWith(start));
  return subject === undefined ? `: ${text}` : ` ${text.slice(subject.length)}`;
}

/** Why nothing, or nothing more, is launched on an agent, whatever is asked. */
function agentLines(agentId: string, nodeName: string, { survey, snapshot, plan }: Scene): readonly Line[] {
  const { nowMs, wishes, trouble, intents } = snapshot;
  const wish = drainOf({ agentId, nodeName }, wishes);
  const one = trouble.find((troubled) => troubled.agentId === agentId);
  const off = one === undefined ? null : backingOff(one, survey.policy, nowMs);
  const node = intents.find((intent) => intent.agentId === agentId);
  const verdict = plan.report.nodes.find(({ taskId }) => taskId !== null && taskId === node?.taskId);
  return [
    ...(wish === null ? [] : [told(agentDrained(wish))]),
    ...(off === null ? [] : [told(off.why)]),
    ...(off === null && one !== undefined && one.failures > 0
      ? [
          plain(
            `${String(one.failures)} failed in a row, lastly ${quoted(one.lastMessage)}; it may be tried again`,
          ),
        ]
      : []),
    ...(node === undefined
      ? []
      : [
          about(
            'node',
            node.nodeName,
            `it has node ${node.nodeName}, ${verdict?.phase ?? 'just launched'}; one mom per agent`,
            'one-mom-per-agent',
          ),
        ]),
  ];
}
