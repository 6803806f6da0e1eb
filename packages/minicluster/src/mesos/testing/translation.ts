/** Ids of a recording and the ids that took their place here; times and process numbers are made alike. */

export class Translation {
  readonly #ours = new Map<string, string>();

  learn(recorded: string, ours: string): void {
    this.#ours.set(recorded, ours);
  }

  /** The id that took the place of a recorded one; the recorded one itself while there is none. */
  ourId(recorded: string): string {
    return this.#ours.get(recorded) ?? recorded;
  }

  /** Ids that belong to the same places of two messages are taken to be the same thing. */
  learnFrom(recorded: unknown, ours: unknown, key = ''): void {
    if (typeof recorded === 'string' && typeof ours === 'string') {
      if (isId(key, recorded)) this.learn(recorded, ours);
      return;
    }
    if (!isObject(recorded) || !isObject(ours)) return;
    for (const [name, value] of Object.entries(recorded)) {
      // An id is the `value` of a message; what kind of id it is, the message's name tells.
      this.learnFrom(value, ours[name], name === 'value' ? key : name);
    }
  }

  /** Text of the recording with our ids in it; longer ids first, as some begin with others. */
  toOurs(text: string): string {
    const ids = [...this.#ours].sort(([a], [b]) => b.length - a.length);
    return ids.reduce((result, [recorded, ours]) => result.replaceAll(recorded, ours), text);
  }

  recordedText(message: unknown): string {
    return this.toOurs(JSON.stringify(likened(message)));
  }

  ourText(message: unknown): string {
    return JSON.stringify(likened(message));
  }
}

const idKeys = new Set(['framework_id', 'agent_id', 'offer_id', 'container_id', 'uuid', 'id', 'master_info']);

function isId(key: string, text: string): boolean {
  return idKeys.has(key) && text.length > 8;
}

/** What differs from run to run has the same value everywhere. */
const likenesses: Readonly<Record<string, unknown>> = {
  timestamp: 'TIME',
  unreachable_time: 'TIME',
  executor_pid: 'PID',
  port: 'PORT',
  pid: 'PID',
};

function likened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(likened);
  if (typeof value === 'string') return likenedText(value);
  // The real master's sums of doubles show their error: 2.5949999999999998.
  if (typeof value === 'number') return Math.round(value * 1000) / 1000;
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, likenedMember(key, member)]));
}

function likenedMember(key: string, member: unknown): unknown {
  if (Object.hasOwn(likenesses, key)) return likenesses[key];
  // The real master lists them in the order of a hash table.
  if (key === 'executor_ids' && Array.isArray(member)) return member.map((id) => JSON.stringify(id)).sort();
  return likened(member);
}

/** Paths and container ids within messages. */
function likenedText(text: string): string {
  return text
    .replace(/'\/\S*\/slaves\//g, "'WORK/slaves/")
    .replace(/(container '|\/runs\/)[0-9a-f-]{36}/g, '$1CONTAINER')
    .replace(/http:\/\/127\.0\.0\.1:\d+\//g, 'HTTP/');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
