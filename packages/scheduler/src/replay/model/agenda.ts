/** What is to happen at which moment of the virtual clock; what was noted first happens first. */

interface Entry {
  readonly atMs: number;
  readonly serial: number;
  readonly act: () => void;
}

export class Agenda {
  /** A binary heap: every entry is due no later than those at twice its place. */
  readonly #heap: Entry[] = [];
  #serial = 0;

  get nextMs(): number | null {
    return this.#heap[0]?.atMs ?? null;
  }

  at(atMs: number, act: () => void): void {
    this.#serial += 1;
    const entry = { atMs, serial: this.#serial, act };
    let place = this.#heap.length;
    this.#heap.push(entry);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      this.#heap[place] = parent;
      place = above;
    }
    this.#heap[place] = entry;
  }

  /** The act that is due next, taken off; null when there is none. */
  take(): (() => void) | null {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return null;
    if (this.#heap.length > 0) this.#sink(last);
    return first.act;
  }

  #sink(entry: Entry): void {
    const { length } = this.#heap;
    let place = 0;
    for (let below = 1; below < length; below = 2 * place + 1) {
      const left = this.#heap[below];
      const right = this.#heap[below + 1];
      const isRight = left !== undefined && right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (child === undefined || !isBefore(child, entry)) break;
      this.#heap[place] = child;
      place = isRight ? below + 1 : below;
    }
    this.#heap[place] = entry;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.serial < b.serial);
}
