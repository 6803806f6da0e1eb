/**
 * A second framework on the same Mesos that takes all that it is offered, one task for each offer. It speaks the v1
 * scheduler API with JSON, and acknowledges what it is told.
 */
import { RecordDecoder } from '@mesos-torque/common/recordio.ts';

export interface GreedyFramework {
  /** Its tasks that run. */
  running(): number;
  /** Ends it with its tasks. */
  tearDown(): Promise<void>;
}

interface Id {
  readonly value: string;
}

interface Resource {
  readonly name: string;
  readonly type: string;
  readonly scalar?: { readonly value: number };
}

interface Offer {
  readonly id: Id;
  readonly agent_id: Id;
  readonly resources: readonly Resource[];
}

interface Status {
  readonly task_id: Id;
  readonly agent_id: Id;
  readonly state: string;
  readonly uuid?: string;
}

interface Event {
  readonly type: string;
  readonly subscribed?: { readonly framework_id: Id };
  readonly offers?: { readonly offers: readonly Offer[] };
  readonly update?: { readonly status: Status };
}

const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
const role = 'greedy';

/** `masterUrl` of the leading master. */
export async function greedyFramework(masterUrl: string): Promise<GreedyFramework> {
  const url = `${masterUrl}/api/v1/scheduler`;
  const capabilities = ['MULTI_ROLE', 'PARTITION_AWARE', 'RESERVATION_REFINEMENT'].map((type) => ({ type }));
  const framework_info = { user: 'root', name: 'greedy', roles: [role], capabilities, failover_timeout: 0 };
  const stop = new AbortController();
  const body = JSON.stringify({ type: 'SUBSCRIBE', subscribe: { framework_info } });
  const stream = await fetch(url, { method: 'POST', headers, body, signal: stop.signal });
  if (!stream.ok || stream.body === null)
    throw new Error(`the greedy framework could not subscribe: ${String(stream.status)} ${await stream.text()}`);
  const streamId = stream.headers.get('mesos-stream-id') ?? '';
  const states = new Map<string, string>();
  let frameworkId: Id = { value: '' };
  let serial = 0;

  const call = async (type: string, content: object): Promise<void> => {
    const sent = { framework_id: frameworkId, type, [type.toLowerCase()]: content };
    await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'Mesos-Stream-Id': streamId },
      body: JSON.stringify(sent),
    }).catch(() => undefined);
  };
  const take = (offer: Offer): Promise<void> => {
    serial += 1;
    const task = {
      name: 'greedy',
      task_id: { value: `greedy-${String(serial)}` },
      agent_id: offer.agent_id,
      resources: offer.resources.filter(({ name }) => name === 'cpus' || name === 'mem').map(leavingSome),
      command: { shell: false, value: '/bin/sleep', arguments: ['sleep', '3600'] },
    };
    const operations = [{ type: 'LAUNCH', launch: { task_infos: [task] } }];
    return call('ACCEPT', { offer_ids: [offer.id], operations, filters: { refuse_seconds: 1 } });
  };
  const onEvent = async (event: Event): Promise<void> => {
    if (event.subscribed !== undefined) frameworkId = event.subscribed.framework_id;
    for (const offer of event.offers?.offers ?? []) await take(offer);
    const status = event.update?.status;
    if (status === undefined) return;
    states.set(status.task_id.value, status.state);
    const { task_id, agent_id, uuid } = status;
    if (uuid !== undefined) await call('ACKNOWLEDGE', { task_id, agent_id, uuid });
  };
  void read(stream.body, onEvent);
  return {
    running: () => [...states.values()].filter((state) => state === 'TASK_RUNNING').length,
    async tearDown() {
      await call('TEARDOWN', {});
      stop.abort();
    },
  };
}

/** All but what the command executor of Mesos takes for itself. */
function leavingSome({ name, scalar }: Resource): object {
  const value = scalar?.value ?? 0;
  const own = { cpus: 0.1, mem: 32 };
  const left = name === 'cpus' ? value - own.cpus : value - own.mem;
  return { name, type: 'SCALAR', scalar: { value: Math.max(0.01, left) }, allocation_info: { role } };
}

async function read(stream: ReadableStream<Uint8Array>, onEvent: (event: Event) => Promise<void>): Promise<void> {
  const decoder = new RecordDecoder({ headerDigitsMax: 10, recordBytesMax: 16 * 1024 * 1024 });
  try {
    for await (const chunk of stream)
      for (const record of decoder.push(Buffer.from(chunk)))
        await onEvent(JSON.parse(Buffer.from(record).toString('utf8')) as Event);
  } catch {
    // It was torn down, or the master has gone: the story sees that by the tasks.
  }
}
