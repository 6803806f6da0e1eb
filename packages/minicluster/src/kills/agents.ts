/** Agents of a cluster, lent to one case at a time. */

export class Agents {
  readonly #free: number[];
  readonly #waiting: ((agent: number) => void)[] = [];

  constructor(count: number) {
    this.#free = Array.from({ length: count }, (_, index) => index);
  }

  /** Waits for one that is free, and has it back when `use` is over. */
  async lend<T>(use: (agent: number) => Promise<T>): Promise<T> {
    const agent = this.#free.shift() ?? (await new Promise<number>((take) => this.#waiting.push(take)));
    try {
      return await use(agent);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(agent);
      else next(agent);
    }
  }
}
