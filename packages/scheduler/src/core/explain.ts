/**
 * Why something is as it is, put together from the latest plan and the snapshot that it was made from. Pure, and the
 * only place that explains: API, command line and dashboard show what it returns.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Plan } from './decisions.ts';
import { explainAgent, explainOffer } from './explain-agent.ts';
import { explainJob } from './explain-job.ts';
import { explainNode } from './explain-node.ts';
import { jobsCalled, type AboutKind, type Explanation } from './explain-words.ts';
import type { OfferFacts, Snapshot } from './facts.ts';
import { inForce } from './in-force.ts';
import { agentOffers, type AgentOffer } from './offers.ts';
import type { Policy } from './policy.ts';
import type { Sliced } from './sliced.ts';
import { surveySliced, valueOf, type Survey } from './survey.ts';

/** An offer that an earlier plan gave back, and what was said of it. */
export interface PastOffer {
  readonly offer: OfferFacts;
  readonly why: string;
  readonly atMs: number;
}

/** Everything that explanations rest on. */
export interface Known {
  readonly snapshot: Snapshot;
  readonly plan: Plan;
  readonly policy: Policy;
  /** The latest of each agent that is not offering now. */
  readonly pastOffers: readonly PastOffer[];
}

/** The same, looked at once. */
export interface Scene extends Omit<Known, 'policy'> {
  readonly survey: Survey;
  /** Agents that offer now. */
  readonly agents: readonly AgentOffer[];
  /** Agents whose offers were given back a while ago, as if they still offered the same. */
  readonly pastAgents: readonly AgentOffer[];
}

export type Answer =
  | { readonly kind: 'explained'; readonly explanation: Explanation }
  | { readonly kind: 'unknown' }
  /** The id is short, and means several. */
  | { readonly kind: 'ambiguous'; readonly ids: readonly string[] };

export function* explainSliced(kind: AboutKind, id: string, known: Known): Sliced<Answer> {
  const scene = yield* sceneOf(known);
  const explained = (explanation: Explanation | null): Answer =>
    explanation === null ? { kind: 'unknown' } : { kind: 'explained', explanation };
  switch (kind) {
    case 'job': {
      const jobs = yield* jobsCalled(id, valueOf(known.snapshot.queue, { jobs: [] }).jobs);
      const [job, ...others] = jobs;
      if (others.length > 0) return { kind: 'ambiguous', ids: jobs.map((one) => one.id) };
      return explained(job === undefined ? null : yield* explainJob(job, scene));
    }
    case 'node':
      return explained(explainNode(id, scene));
    case 'offer':
      return explained(explainOffer(id, scene));
    case 'agent':
      return explained(explainAgent(id, scene));
    default:
      return unreachable(kind);
  }
}

function* sceneOf({ snapshot: given, plan, policy: configured, pastOffers }: Known): Sliced<Scene> {
  const { snapshot, policy } = inForce(given, configured);
  const survey = yield* surveySliced(snapshot, policy);
  const agents = yield* agentOffers(survey, ignore);
  const here = new Set(snapshot.offers.map((offer) => offer.agentId));
  const past = pastOffers.filter(({ offer }) => !here.has(offer.agentId));
  const asIf = { ...survey, snapshot: { ...snapshot, offers: past.map(({ offer }) => offer) } };
  const pastAgents = yield* agentOffers(asIf, ignore);
  return { snapshot, plan, survey, agents, pastAgents, pastOffers: past };
}

function ignore(): void {
  // When a back-off ends matters to plans alone.
}
