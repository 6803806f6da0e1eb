/** A ZooKeeper in memory, with versions, sequences and sessions that end when the story says so. */
import type { Outcome, Problem } from '../../loop/ports.ts';
import type { ZooMode, ZooSession } from '../session.ts';

interface Znode {
  data: Buffer;
  version: number;
  readonly session: number | null;
}

export class FakeZooKeeper {
  readonly #znodes = new Map<string, Znode>();
  readonly #alive = new Set<number>();
  #sequence = 0;
  #sessions = 0;
  #isAnswering = true;

  /** While it is false every request ends as if it had taken too long; it has no effect. */
  set answering(answering: boolean) {
    this.#isAnswering = answering;
  }

  open(timeoutMs: number): Outcome<ZooSession> {
    if (!this.#isAnswering) return problem('unreachable', 'connecting to ZooKeeper: no answer');
    this.#sessions += 1;
    const session = this.#sessions;
    this.#alive.add(session);
    return { ok: true, value: this.#session(session, timeoutMs) };
  }

  /** The server gives a session up: what it made ephemerally is gone. All sessions, where none is named. */
  expire(session?: ZooSession): void {
    for (const number of session === undefined ? [...this.#alive] : [Number(session.id)]) {
      this.#alive.delete(number);
      for (const [path, znode] of this.#znodes) if (znode.session === number) this.#znodes.delete(path);
    }
  }

  /** What others write. */
  put(path: string, text: string): void {
    const version = (this.#znodes.get(path)?.version ?? -1) + 1;
    this.#znodes.set(path, { data: Buffer.from(text), version, session: null });
  }

  delete(path: string): void {
    this.#znodes.delete(path);
  }

  text(path: string): string | null {
    return this.#znodes.get(path)?.data.toString('utf8') ?? null;
  }

  #session(session: number, timeoutMs: number): ZooSession {
    let hasEnded = false;
    const answer = <T>(give: () => Outcome<T>): Promise<Outcome<T>> => {
      if (!this.#isAnswering) return Promise.resolve(problem('timed-out', 'no answer'));
      if (!this.#alive.has(session)) {
        hasEnded = true;
        return Promise.resolve(problem('unreachable', 'the session has expired'));
      }
      return Promise.resolve(give());
    };
    const found = <T>(path: string, give: (znode: Znode) => Outcome<T>): Promise<Outcome<T>> =>
      answer(() => {
        const znode = this.#znodes.get(path);
        return znode === undefined ? problem('not-found', `${path}: no such znode`) : give(znode);
      });
    return {
      timeoutMs,
      hasEnded: () => hasEnded,
      id: String(session),
      children: (path) => answer(() => ({ ok: true, value: this.#children(path) })),
      read: (path) => found(path, ({ data, version }) => ({ ok: true, value: { data, version } })),
      create: (path, data, mode) => answer(() => this.#create(path, data, mode, session)),
      write: (path, data, version) =>
        found(path, (znode) => {
          if (version !== -1 && znode.version !== version)
            return problem('conflict', `writing ${path}: BAD_VERSION`);
          znode.data = data;
          znode.version += 1;
          return { ok: true, value: znode.version };
        }),
      remove: (path) =>
        found(path, () => {
          this.#znodes.delete(path);
          return { ok: true, value: null };
        }),
      close: () => {
        if (this.#isAnswering) this.#end(session);
        return Promise.resolve();
      },
    };
  }

  #end(session: number): void {
    this.#alive.delete(session);
    for (const [path, znode] of this.#znodes) if (znode.session === session) this.#znodes.delete(path);
  }

  #children(path: string): readonly string[] {
    const above = `${path}/`;
    return [...this.#znodes.keys()].flatMap((name) => {
      const rest = name.startsWith(above) ? name.slice(above.length) : '';
      return rest === '' || rest.includes('/') ? [] : [rest];
    });
  }

  #create(path: string, data: Buffer, mode: ZooMode, session: number): Outcome<string> {
    const name = mode === 'ephemeral-sequential' ? path + String(this.#sequence++).padStart(10, '0') : path;
    if (this.#znodes.has(name)) return problem('conflict', `creating ${name}: NODE_EXISTS`);
    this.#znodes.set(name, { data, version: 0, session: mode === 'persistent' ? null : session });
    return { ok: true, value: name };
  }
}

function problem(kind: Problem['kind'], detail: string): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: { kind, detail } };
}
