/**
 * The executor behind tasks that bring a command: runs it in a shell, says TASK_STARTING and
 * TASK_RUNNING, and TASK_FINISHED, TASK_FAILED or TASK_KILLED when it is over. It lives through a
 * restart of its agent.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { request, type IncomingMessage } from 'node:http';
import { RecordDecoder } from '@mesos-torque/common/recordio.ts';
import { randomUuidBytes } from './wire/uuid.ts';

// It speaks JSON and knows only the fields that it needs: it starts with every such task, and loading
// the generated messages takes longer than many a command.

interface Id {
  readonly value: string;
}

interface Task {
  readonly task_id: Id;
  readonly command?: {
    readonly value?: string;
    readonly shell?: boolean;
    readonly arguments?: readonly string[];
    readonly environment?: {
      readonly variables?: readonly { readonly name: string; readonly value?: string }[];
    };
  };
}

interface Event {
  readonly type: string;
  readonly launch?: { readonly task: Task };
  readonly kill?: { readonly kill_policy?: { readonly grace_period?: { readonly nanoseconds: number } } };
  readonly acknowledged?: { readonly uuid: string };
}

const environment = process.env;
const [host = '127.0.0.1', port = '0'] = (environment['MESOS_AGENT_ENDPOINT'] ?? '').split(':');
const executor_id = { value: environment['MESOS_EXECUTOR_ID'] ?? '' };
const framework_id = { value: environment['MESOS_FRAMEWORK_ID'] ?? '' };
const retryMs = 500;
/** Without the agent for so many tries (15 min, MESOS_RECOVERY_TIMEOUT), the command is ended. */
const triesMax = 1_800;

const unacknowledged = new Map<string, { readonly status: object }>();
let task: Task | null = null;
let child: ChildProcess | null = null;
let killed = false;
let ended = false;
let tries = 0;

function subscribe(): void {
  const stream = post({
    type: 'SUBSCRIBE',
    subscribe: {
      unacknowledged_tasks: task === null ? [] : [task],
      unacknowledged_updates: [...unacknowledged.values()],
    },
  });
  stream.on('response', (response: IncomingMessage) => {
    tries = 0;
    const decoder = new RecordDecoder({ headerDigitsMax: 10, recordBytesMax: 16 * 1024 * 1024 });
    response.on('data', (chunk: Buffer) => {
      if (response.statusCode !== 200) return;
      for (const record of decoder.push(chunk))
        take(JSON.parse(Buffer.from(record).toString('utf8')) as Event);
    });
    response.on('error', () => undefined);
    response.on('close', again);
  });
  stream.on('error', again);
}

function again(): void {
  tries += 1;
  if (tries > triesMax) quit();
  else setTimeout(subscribe, retryMs);
}

function take(event: Event): void {
  if (event.launch !== undefined) run(event.launch.task);
  if (event.type === 'KILL' || event.type === 'SHUTDOWN')
    endCommand(event.kill?.kill_policy?.grace_period?.nanoseconds);
  if (event.acknowledged !== undefined) {
    unacknowledged.delete(event.acknowledged.uuid);
    if (ended && unacknowledged.size === 0) process.exit(0);
  }
}

function run(given: Task): void {
  task = given;
  const { command } = given;
  update('TASK_STARTING', null);
  const isShell = command?.shell ?? true;
  const value = command?.value ?? '';
  const own = Object.fromEntries((command?.environment?.variables ?? []).map((v) => [v.name, v.value ?? '']));
  const [file, args]: [string, string[]] = isShell
    ? ['/bin/sh', ['-c', value]]
    : [value, (command?.arguments ?? []).slice(1)];
  child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...environment, ...own } });
  child.once('spawn', () => {
    update('TASK_RUNNING', null);
  });
  child.once('error', (error) => {
    finish('TASK_FAILED', `Failed to start the command: ${error.message}`);
  });
  child.once('exit', (code, signal) => {
    const how = signal === null ? `exited with status ${code ?? 0}` : `terminated with signal ${signal}`;
    const state = killed ? 'TASK_KILLED' : code === 0 ? 'TASK_FINISHED' : 'TASK_FAILED';
    finish(state, `Command ${how}`);
  });
}

function endCommand(graceNs: number | undefined): void {
  const running = child;
  if (running === null) quit();
  if (killed) return;
  killed = true;
  if (task !== null) update('TASK_KILLING', null);
  running.kill('SIGTERM');
  const graceMs = (graceNs ?? 3_000_000_000) / 1_000_000;
  setTimeout(() => running.kill('SIGKILL'), graceMs);
}

function finish(state: string, message: string): void {
  if (ended) return;
  ended = true;
  update(state, message);
  // The agent kills what is left; a scheduler that is slow to acknowledge does not hold us.
  setTimeout(() => process.exit(0), 60_000);
}

function update(state: string, message: string | null): void {
  const uuid = randomUuidBytes().toString('base64');
  const status = {
    task_id: task?.task_id,
    executor_id,
    state,
    source: 'SOURCE_EXECUTOR',
    timestamp: Date.now() / 1000,
    uuid,
    ...(message === null ? {} : { message }),
  };
  unacknowledged.set(uuid, { status });
  updates.push({ type: 'UPDATE', update: { status } });
  if (updates.length === 1) sendUpdates();
}

/** One after the other, so that none overtakes; what is lost is sent again with the next SUBSCRIBE. */
const updates: object[] = [];

function sendUpdates(): void {
  const [next] = updates;
  if (next === undefined) return;
  const sending = post(next);
  sending.on('response', (response: IncomingMessage) => response.resume());
  sending.on('error', () => undefined);
  sending.on('close', () => {
    updates.shift();
    sendUpdates();
  });
}

function post(call: object): ReturnType<typeof request> {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
  const opened = request({ host, port: Number(port), path: '/api/v1/executor', method: 'POST', headers });
  opened.end(JSON.stringify({ executor_id, framework_id, ...call }));
  return opened;
}

function quit(): never {
  child?.kill('SIGKILL');
  process.exit(1);
}

subscribe();
