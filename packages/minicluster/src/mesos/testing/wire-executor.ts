/**
 * The executor of the recordings, as far as its traffic shows it: every task goes TASK_STARTING →
 * TASK_RUNNING, some end by themselves; messages command further updates, an exit or a signal; what is
 * no command is echoed. It speaks JSON, keeps unacknowledged updates, and subscribes again.
 */
import { randomUUID } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import { RecordDecoder } from '@mesos-torque/common/recordio.ts';

const environment = process.env;
const endpoint = `http://${environment['MESOS_AGENT_ENDPOINT'] ?? ''}/api/v1/executor`;
const executor_id = { value: environment['MESOS_EXECUTOR_ID'] ?? '' };
const framework_id = { value: environment['MESOS_FRAMEWORK_ID'] ?? '' };
const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
const stepMs = Number(environment['WIRE_STEP_MS'] ?? '30');

interface Status {
  readonly uuid: string;
}
const unacknowledged = new Map<string, { readonly status: Status }>();
const running: string[] = [];
let interruptions = 0;

subscribe();

function subscribe(): void {
  const call = {
    type: 'SUBSCRIBE',
    executor_id,
    framework_id,
    subscribe: { unacknowledged_updates: [...unacknowledged.values()] },
  };
  const sent = request(endpoint, { method: 'POST', headers }, (response) => {
    listen(response);
  });
  sent.on('error', again);
  sent.end(JSON.stringify(call));
}

function listen(response: IncomingMessage): void {
  const decoder = new RecordDecoder({ headerDigitsMax: 10, recordBytesMax: 1024 * 1024 });
  response.on('data', (chunk: Buffer) => {
    if (response.statusCode !== 200) return;
    for (const record of decoder.push(chunk)) take(JSON.parse(Buffer.from(record).toString('utf8')) as Event);
  });
  response.on('error', () => undefined);
  response.on('close', () => {
    if (response.statusCode === 200) interrupted();
    again();
  });
}

function again(): void {
  setTimeout(subscribe, stepMs);
}

/** What an executor does while its agent is away. */
function interrupted(): void {
  interruptions += 1;
  const [task] = running;
  const data = Buffer.from(`n=${interruptions}`).toString('base64');
  if (task !== undefined) update(task, 'TASK_RUNNING', { message: 'made while the agent was away', data });
}

interface Event {
  readonly type: string;
  readonly launch?: {
    readonly task: { readonly task_id: { readonly value: string }; readonly data?: string };
  };
  readonly kill?: { readonly task_id: { readonly value: string } };
  readonly acknowledged?: { readonly uuid: string };
  readonly message?: { readonly data: string };
}

function take(event: Event): void {
  if (event.launch !== undefined) launch(event.launch.task.task_id.value, event.launch.task.data ?? '');
  if (event.kill !== undefined) kill(event.kill.task_id.value);
  if (event.acknowledged !== undefined) unacknowledged.delete(event.acknowledged.uuid);
  if (event.message !== undefined) obey(Buffer.from(event.message.data, 'base64').toString('utf8'));
  if (event.type === 'SHUTDOWN') process.exit(0);
}

const labels = {
  labels: [
    { key: 'session', value: '4242' },
    { key: 'port', value: '15003' },
  ],
};

function launch(task: string, orders: string): void {
  running.push(task);
  update(task, 'TASK_STARTING', { message: 'preparing' });
  const { finish } = JSON.parse(Buffer.from(orders, 'base64').toString('utf8') || '{}') as {
    finish?: number;
  };
  setTimeout(() => {
    const data = base64({ pid: 4242 });
    update(task, 'TASK_RUNNING', { message: 'running', healthy: true, data, labels });
  }, stepMs);
  if (finish !== undefined) {
    setTimeout(() => {
      update(task, 'TASK_FINISHED', { message: 'done', data: base64({ exit_status: 0 }) });
    }, 2 * stepMs);
  }
}

function kill(task: string): void {
  update(task, 'TASK_KILLING', { message: 'killing' });
  setTimeout(() => {
    update(task, 'TASK_KILLED', { message: 'killed by request', data: base64({ exit_status: 271 }) });
  }, stepMs);
}

interface Command {
  readonly cmd: string;
  readonly code?: number;
  readonly signal?: NodeJS.Signals;
  readonly task?: string;
  readonly state?: string;
  readonly more?: object;
}

function obey(text: string): void {
  if (!text.startsWith('{')) {
    post({ type: 'MESSAGE', message: { data: Buffer.from(`echo:${text}`).toString('base64') } });
    return;
  }
  const command = JSON.parse(text) as Command;
  if (command.cmd === 'exit') process.exit(command.code ?? 0);
  if (command.cmd === 'signal') process.kill(process.pid, command.signal ?? 'SIGKILL');
  if (command.cmd === 'update') update(command.task ?? '', command.state ?? '', command.more ?? {});
}

function update(task: string, state: string, more: object): void {
  const uuid = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64');
  const status = {
    task_id: { value: task },
    state,
    source: 'SOURCE_EXECUTOR',
    uuid,
    timestamp: Date.now() / 1000,
    ...more,
  };
  unacknowledged.set(uuid, { status });
  post({ type: 'UPDATE', update: { status } });
}

/** One call after the other: on connections of their own they could overtake each other. */
let posting: Promise<void> = Promise.resolve();

function post(call: object): void {
  const body = JSON.stringify({ executor_id, framework_id, ...call });
  posting = posting.then(
    () =>
      new Promise((resolve) => {
        const sent = request(endpoint, { method: 'POST', headers }, (response) => response.resume());
        sent.on('error', () => undefined);
        sent.on('close', resolve);
        sent.end(body);
      }),
  );
}

function base64(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}
