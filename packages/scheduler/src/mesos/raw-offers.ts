/** Offers as they came, until they are used, declined or rescinded: what is sent back must be what was offered. */
import type { Offer } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';

export class RawOffers {
  readonly #byId = new Map<string, Offer>();
  readonly #offersMax: number;

  constructor(offersMax: number) {
    this.#offersMax = offersMax;
  }

  /** False when there is no room. */
  add(offerId: string, offer: Offer): boolean {
    if (this.#byId.size >= this.#offersMax) return false;
    this.#byId.set(offerId, offer);
    return true;
  }

  /** All of these, or the id of the first that is not held. */
  find(offerIds: readonly string[]): { readonly offers: readonly Offer[] } | { readonly missing: string } {
    const offers: Offer[] = [];
    for (const offerId of offerIds) {
      const offer = this.#byId.get(offerId);
      if (offer === undefined) return { missing: offerId };
      offers.push(offer);
    }
    return { offers };
  }

  remove(offerIds: readonly string[]): void {
    for (const offerId of offerIds) this.#byId.delete(offerId);
  }

  clear(): void {
    this.#byId.clear();
  }
}
