/**
 * Another framework, a greedy one: each offer becomes one task that takes all processors and all memory of it and does
 * nothing, by Mesos' own command executor. It speaks JSON to the master that leads.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { defaultRecordLimits, RecordDecoder } from '@mesos-torque/common/recordio.ts';
import { messageOf } from '@mesos-torque/common/text.ts';

export interface OtherFramework {
  /** Resolves when the leading one of these masters (`http://host:port`) has subscribed it. */
  open(masters: readonly string[]): Promise<void>;
  /** Of its tasks that run. */
  cpus(): number;
  /** An error where something went wrong since it was opened. */
  mustBeWell(): void;
  /** Leaves for good: the master ends its tasks. May be called twice. */
  close(): Promise<void>;
}

interface Id {
  readonly value: string;
}

interface Resource {
  readonly name: string;
  readonly scalar?: { readonly value: number };
}

interface Offer {
  readonly id: Id;
  readonly agent_id: Id;
  readonly resources: readonly Resource[];
}

interface TaskStatus {
  readonly task_id: Id;
  readonly agent_id?: Id;
  readonly state: string;
  readonly message?: string;
  readonly uuid?: string;
}

/** Only what is used of it. */
interface Event {
  readonly type: string;
  readonly subscribed?: { readonly framework_id: Id };
  readonly offers?: { readonly offers: readonly Offer[] };
  readonly update?: { readonly status: TaskStatus };
  readonly error?: { readonly message: string };
}

const callMsMax = 10_000;
const subscribeTriesMax = 50;
const retryMs = 200;
const taken: readonly string[] = ['cpus', 'mem'];

interface Session {
  readonly url: string;
  readonly streamId: string;
  readonly records: ReadableStreamDefaultReader<Uint8Array>;
}

/** `user`: an account that the agents have. */
export function otherFramework(name: string, user: string): OtherFramework {
  const running = new Map<string, number>();
  const launched = new Map<string, number>();
  let session: Session | null = null;
  let frameworkId: Id | null = null;
  let trouble: string | null = null;
  let isClosed = false;

  const call = async (body: object): Promise<void> => {
    if (session === null || frameworkId === null) throw new Error(`framework ${name} is not subscribed`);
    const answer = await fetch(`${session.url}/api/v1/scheduler`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'mesos-stream-id': session.streamId },
      body: JSON.stringify({ framework_id: frameworkId, ...body }),
      signal: AbortSignal.timeout(callMsMax),
    });
    const said = await answer.text();
    if (answer.status !== 202)
      throw new Error(`${JSON.stringify(body).slice(0, 80)}: ${String(answer.status)} ${said}`);
  };

  const takeAll = async (offer: Offer): Promise<void> => {
    const taskId = `${name}-${String(launched.size + 1)}`;
    const resources = offer.resources.filter((resource) => taken.includes(resource.name));
    const cpus = resources.find((resource) => resource.name === 'cpus')?.scalar?.value ?? 0;
    launched.set(taskId, cpus);
    const command = { value: 'sleep 3600', user };
    const task = { name: taskId, task_id: { value: taskId }, agent_id: offer.agent_id, resources, command };
    const operations = [{ type: 'LAUNCH', launch: { task_infos: [task] } }];
    await call({
      type: 'ACCEPT',
      accept: { offer_ids: [offer.id], operations, filters: { refuse_seconds: 0 } },
    });
  };

  const noteStatus = async ({ task_id, agent_id, state, message, uuid }: TaskStatus): Promise<void> => {
    const cpus = launched.get(task_id.value) ?? 0;
    if (state === 'TASK_RUNNING') running.set(task_id.value, cpus);
    else if (state !== 'TASK_STARTING' && state !== 'TASK_STAGING') {
      running.delete(task_id.value);
      throw new Error(`its task ${task_id.value} ended: ${state} ${message ?? ''}`);
    }
    if (uuid !== undefined) await call({ type: 'ACKNOWLEDGE', acknowledge: { agent_id, task_id, uuid } });
  };

  const heed = async ({ type, subscribed, offers, update, error }: Event): Promise<void> => {
    if (subscribed !== undefined) frameworkId = subscribed.framework_id;
    for (const offer of offers?.offers ?? []) await takeAll(offer);
    if (update !== undefined) await noteStatus(update.status);
    if (type === 'ERROR') throw new Error(error?.message ?? 'ERROR without a message');
  };

  const read = async ({ records }: Session): Promise<void> => {
    const decoder = new RecordDecoder(defaultRecordLimits);
    for (;;) {
      const { value, done } = await records.read();
      if (isClosed) return;
      if (done) throw new Error('the master ended its subscription');
      for (const record of decoder.push(value))
        await heed(JSON.parse(Buffer.from(record).toString('utf8')) as Event);
    }
  };

  return {
    async open(masters) {
      session = await subscribe(masters, name, user);
      read(session).catch((error: unknown) => {
        if (!isClosed) trouble = messageOf(error);
      });
      for (let look = 1; frameworkId === null; look += 1) {
        if (trouble !== null || look > subscribeTriesMax)
          throw new Error(`framework ${name}: ${trouble ?? 'not subscribed'}`);
        await delay(retryMs);
      }
    },
    cpus: () => [...running.values()].reduce((sum, cpus) => sum + cpus, 0),
    mustBeWell() {
      if (trouble !== null) throw new Error(`framework ${name}: ${trouble}`);
    },
    async close() {
      if (isClosed || session === null) return;
      isClosed = true;
      if (frameworkId !== null) await call({ type: 'TEARDOWN' });
      await session.records.cancel().catch(() => undefined);
    },
  };
}

/** One that does not lead answers 307 or 503. */
async function subscribe(masters: readonly string[], name: string, user: string): Promise<Session> {
  const framework_info = { name, user, roles: [name], capabilities: [{ type: 'MULTI_ROLE' }] };
  const body = JSON.stringify({ type: 'SUBSCRIBE', subscribe: { framework_info } });
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  let last = 'no master was asked';
  for (let round = 1; round <= subscribeTriesMax; round += 1) {
    for (const url of masters) {
      const answer = await fetch(`${url}/api/v1/scheduler`, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
      });
      const streamId = answer.headers.get('mesos-stream-id');
      if (answer.status === 200 && streamId !== null && answer.body !== null)
        return { url, streamId, records: answer.body.getReader() };
      last = `${url}: ${String(answer.status)} ${await answer.text()}`;
    }
    await delay(retryMs);
  }
  throw new Error(`framework ${name} could not subscribe: ${last}`);
}
