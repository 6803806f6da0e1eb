/**
 * The executor behind tasks that bring a command: runs it in a shell, says TASK_STARTING and
 * TASK_RUNNING, and TASK_FINISHED, TASK_FAILED or TASK_KILLED when it is over. It lives through a
 * restart of its agent.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { request, type IncomingMessage } from 'node:http';
import { RecordDecoder } from '@mesos-torque/common/recordio.ts';
import { Call, Event, type Call_Update } from '@mesos-torque/proto/gen/mesos/v1/executor/executor.ts';
import { type TaskInfo, type TaskState } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { randomUuidBytes, uuidText } from './wire/uuid.ts';

const environment = process.env;
const [host = '127.0.0.1', port = '0'] = (environment['MESOS_AGENT_ENDPOINT'] ?? '').split(':');
const executorId = { value: environment['MESOS_EXECUTOR_ID'] ?? '' };
const frameworkId = { value: environment['MESOS_FRAMEWORK_ID'] ?? '' };
const retryMs = 500;
/** Without the agent for so many tries (15 min, MESOS_RECOVERY_TIMEOUT), the command is ended. */
const triesMax = 1_800;

const unacknowledged = new Map<string, Call_Update>();
let task: TaskInfo | null = null;
let child: ChildProcess | null = null;
let killed = false;
let ended = false;
let tries = 0;

subscribe();

function subscribe(): void {
  const stream = post(
    Call.fromPartial({
      type: 'SUBSCRIBE',
      executorId,
      frameworkId,
      subscribe: {
        unacknowledgedTasks: task === null ? [] : [task],
        unacknowledgedUpdates: [...unacknowledged.values()],
      },
    }),
  );
  stream.on('response', (response: IncomingMessage) => {
    tries = 0;
    const decoder = new RecordDecoder({ headerDigitsMax: 10, recordBytesMax: 16 * 1024 * 1024 });
    response.on('data', (chunk: Buffer) => {
      if (response.statusCode === 200) for (const record of decoder.push(chunk)) take(Event.decode(record));
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
  if (event.type === 'LAUNCH' && event.launch?.task !== undefined) run(event.launch.task);
  if (event.type === 'KILL' || event.type === 'SHUTDOWN')
    endCommand(event.kill?.killPolicy?.gracePeriod?.nanoseconds);
  if (event.type === 'ACKNOWLEDGED') {
    unacknowledged.delete(uuidText(event.acknowledged?.uuid ?? Buffer.alloc(0)));
    if (ended && unacknowledged.size === 0) process.exit(0);
  }
}

function run(given: TaskInfo): void {
  task = given;
  const { command } = given;
  update('TASK_STARTING', null);
  const isShell = command?.shell ?? true;
  const value = command?.value ?? '';
  const own = Object.fromEntries(
    (command?.environment?.variables ?? []).map((v) => [v.name ?? '', v.value ?? '']),
  );
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

function endCommand(graceNs: bigint | undefined): void {
  const running = child;
  if (running === null) quit();
  if (killed) return;
  killed = true;
  if (task !== null) update('TASK_KILLING', null);
  running.kill('SIGTERM');
  const graceMs = Number((graceNs ?? 3_000_000_000n) / 1_000_000n);
  setTimeout(() => running.kill('SIGKILL'), graceMs);
}

function finish(state: TaskState, message: string): void {
  if (ended) return;
  ended = true;
  update(state, message);
  // The agent kills what is left; a scheduler that is slow to acknowledge does not hold us.
  setTimeout(() => process.exit(0), 60_000);
}

function update(state: TaskState, message: string | null): void {
  const uuid = randomUuidBytes();
  const taskId = task?.taskId;
  const call = Call.fromPartial({
    type: 'UPDATE',
    executorId,
    frameworkId,
    update: {
      status: {
        ...(taskId === undefined ? {} : { taskId }),
        executorId,
        state,
        source: 'SOURCE_EXECUTOR',
        timestamp: Date.now() / 1000,
        uuid,
        ...(message === null ? {} : { message }),
      },
    },
  });
  if (call.update !== undefined) unacknowledged.set(uuidText(uuid), call.update);
  const sending = post(call);
  sending.on('response', (response: IncomingMessage) => response.resume());
  sending.on('error', () => undefined);
}

function post(call: Call): ReturnType<typeof request> {
  const headers = { 'Content-Type': 'application/x-protobuf', Accept: 'application/x-protobuf' };
  const opened = request({ host, port: Number(port), path: '/api/v1/executor', method: 'POST', headers });
  opened.end(Call.encode(call).finish());
  return opened;
}

function quit(): never {
  child?.kill('SIGKILL');
  process.exit(1);
}
