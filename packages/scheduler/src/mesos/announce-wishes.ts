/**
 * Tells the master which offers we want, once we are subscribed: UPDATE_FRAMEWORK. Not with the SUBSCRIBE
 * itself: a master that finds fault with a wish refuses the whole call, and of a SUBSCRIBE it would be the
 * end of us. A master that takes no wishes sends more offers than we need, which are declined.
 */
import type { Log } from '@mesos-torque/common/logger.ts';
import type { Call } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import type { Outcome } from '../loop/ports.ts';
import { updateFrameworkCall } from './calls.ts';
import type { FrameworkOptions } from './client-options.ts';
import { knowsConstraints, offerConstraints, offerFilters, type OfferWishes } from './offer-wishes.ts';

export interface Announcing {
  readonly options: FrameworkOptions & { readonly wishes: OfferWishes };
  readonly frameworkId: string;
  readonly masterVersion: string | null;
  readonly send: (doing: string, call: Call) => Promise<Outcome<null>>;
  readonly log: Log;
}

/** Never rejects; whatever the master says, we go on. */
export async function announceWishes(announcing: Announcing): Promise<void> {
  const { options, frameworkId, masterVersion, send, log } = announcing;
  const filters = offerFilters(options.wishes);
  const constraints = offerConstraints(options.wishes, options.role);
  if (filters === null && constraints === null) return;
  if (constraints !== null && !knowsConstraints(masterVersion)) {
    log.info('offer constraints are unknown to this master, so offers are looked at here alone', {
      masterVersion,
    });
  }
  const call = (told: typeof constraints): Call =>
    updateFrameworkCall(options, frameworkId, { filters, constraints: told });
  const outcome = await send('telling which offers are wanted', call(constraints));
  if (outcome.ok || outcome.problem.kind !== 'refused' || constraints === null || filters === null) return;
  log.warn('offer constraints were refused, so offers are looked at here alone', {
    why: outcome.problem.detail,
  });
  await send('telling how small offers may be', call(null));
}
