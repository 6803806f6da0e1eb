/**
 * Sizes in a fixed order, and the first one that is large enough, in logarithmic time: a tree whose
 * inner entries hold the larger of their two children.
 */
export class FirstFit {
  readonly #count: number;
  readonly #leaves: number;
  readonly #largest: Int32Array;

  constructor(sizes: readonly number[]) {
    this.#count = sizes.length;
    let leaves = 1;
    while (leaves < sizes.length) leaves *= 2;
    this.#leaves = leaves;
    this.#largest = new Int32Array(2 * leaves).fill(-1);
    this.#largest.set(sizes, leaves);
    for (let at = leaves - 1; at >= 1; at -= 1) this.#refresh(at);
  }

  /** The first index, from `from` on, whose size is at least `least`; -1 if there is none. */
  find(from: number, least: number): number {
    if (from >= this.#count) return -1;
    let at = from + this.#leaves;
    while (this.#at(at) < least) {
      while (at % 2 === 1) at >>= 1;
      if (at === 0) return -1;
      at += 1;
    }
    while (at < this.#leaves) at = this.#at(2 * at) >= least ? 2 * at : 2 * at + 1;
    return at - this.#leaves;
  }

  set(index: number, size: number): void {
    let at = index + this.#leaves;
    this.#largest[at] = size;
    for (at >>= 1; at >= 1; at >>= 1) this.#refresh(at);
  }

  #at(index: number): number {
    return this.#largest[index] ?? -1;
  }

  #refresh(at: number): void {
    this.#largest[at] = Math.max(this.#at(2 * at), this.#at(2 * at + 1));
  }
}
