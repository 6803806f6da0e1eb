/** Values by name, shown as a record that is made anew only after something changed. */
export class Ledger<T> {
  readonly #values = new Map<string, T>();
  #record: Readonly<Record<string, T>> | null = {};

  get record(): Readonly<Record<string, T>> {
    this.#record ??= Object.fromEntries(this.#values);
    return this.#record;
  }

  set(name: string, value: T): void {
    this.#values.set(name, value);
    this.#record = null;
  }

  delete(name: string): void {
    if (this.#values.delete(name)) this.#record = null;
  }
}
