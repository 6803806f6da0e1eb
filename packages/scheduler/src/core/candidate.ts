/**
 * The first incomplete job of several nodes. What it would use of the offers is kept from jobs behind
 * it while they are served, and is held for it afterwards.
 */
import type { GrowState } from './grow-state.ts';
import { obstacleOf, type Lack, type Obstacle } from './obstacle.ts';
import type { AgentOffer } from './offers.ts';
import { Pool, type Source } from './pool.ts';
import type { Ask, JobAsk } from './shapes.ts';
import { giveAllBack, take, type Missing } from './take.ts';

export interface Candidate extends JobAsk {
  readonly lack: Lack;
  readonly agents: readonly AgentOffer[];
  readonly asked: Obstacle['asked'];
}

/** Null when the offers at hand hold nothing for it, or held it long enough: then others may use them. */
export function setAside(state: GrowState, job: JobAsk, least: Missing, lack: Lack): Candidate | null {
  const { asked, found } = wouldUse(state, { ...job, least, lack }, new Set(), [state.opening]);
  if (!state.holds.canKeep) {
    for (const agent of found) state.holds.keep(agent, job.jobId, lack.why);
    return null;
  }
  if (found.length === 0) return null;
  state.opening.setAside(found);
  state.budget.spend(asked.resources, asked.nodes);
  return { ...job, lack, agents: found, asked };
}

/** Gives back what was set aside: the floor has its turn. */
export function putBack(state: GrowState, { agents, asked }: Candidate): void {
  state.opening.putBack(agents);
  state.budget.giveBack(asked.resources, asked.nodes);
}

/**
 * Serves the candidate if the floor's nodes complete it, and otherwise holds what it would use of the
 * offers. It uses the floor's nodes first, in this plan as in the next. True when it is served.
 */
export function settle(state: GrowState, candidate: Candidate, takenBack: ReadonlySet<string>): boolean {
  const { jobId, ask, lack } = candidate;
  const opened = new Pool(state.opening.rooms());
  if (completes(state, jobId, ask, opened)) return true;
  const least = state.missingOn(ask, [...state.existing, opened]);
  if (least === null) return false;
  const offers = [opened, state.opening.fresh];
  const { found } = wouldUse(state, { ...candidate, least }, takenBack, offers);
  for (const agent of found) state.holds.keep(agent, jobId, lack.why);
  if (found.length > 0) state.holds.becomeHolder(jobId);
  return false;
}

function completes(state: GrowState, jobId: string, ask: Ask, opened: Pool): boolean {
  const { opening } = state;
  const before = opening.nodes.length;
  const sources = [...state.existing, opened, opening.fresh];
  const { taken, missing } = opening.withOpenMax(Infinity, () => take(ask, sources));
  if (missing === null && state.areKeepable(opening.nodes.slice(before))) {
    state.keep(jobId, taken);
    return true;
  }
  giveAllBack(taken);
  return false;
}

interface Use {
  readonly ask: Ask;
  readonly least: Missing;
  readonly lack: Lack;
}

/** The agents that an ask would use if what stands idle gave its share of the safe allocation back. */
function wouldUse(
  state: GrowState,
  { ask, least, lack }: Use,
  takenBack: ReadonlySet<string>,
  offers: readonly Source[],
): { readonly asked: Obstacle['asked']; readonly found: readonly AgentOffer[] } {
  const { budget, opening } = state;
  const freed = state.freeable(takenBack);
  const { blockedBy, asked } = obstacleOf(least, lack, true, freed, state.scene);
  if (blockedBy !== 'offers') return { asked, found: [] };
  const before = opening.nodes.length;
  budget.giveBack(freed.resources, freed.nodes);
  const { taken } = opening.withOpenMax(Infinity, () => take(ask, [...state.existing, ...offers]));
  const found = opening.nodes.slice(before).map(({ agent }) => agent);
  giveAllBack(taken);
  budget.spend(freed.resources, freed.nodes);
  return { asked, found };
}
