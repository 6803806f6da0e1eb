/** From an executor's name to its process: user, sandbox, files, command. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FrameworkInfo } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import { durationOfMs } from '../wire/durations.ts';
import { type Agent, type Executor } from './agent.ts';
import { startContainer } from './container.ts';
import { ended, gone, terminated } from './end-executor.ts';
import { executorEnvironment } from './environment.ts';
import { fetchAll } from './fetcher.ts';
import { endTasksOf, type OwnUpdate } from './own-updates.ts';
import { processTree } from './process-tree.ts';
import { createSandbox, lookUpUser, type SandboxPlace, type UserIds } from './sandbox.ts';

/** The wait status of an executor that the agent itself has killed. */
const killedByAgent = 9;

/** Never rejects: what goes wrong ends the executor. */
export async function launch(agent: Agent, executor: Executor, place: SandboxPlace): Promise<void> {
  const framework = agent.frameworks.get(executor.frameworkId);
  const { command } = executor.info;
  if (framework === undefined || command === undefined)
    throw new Error('an executor without framework or command passed the master');
  const user = await prepare(executor, place, command.user ?? framework.user ?? '');
  if (user.kind === 'failed') {
    gone(agent, executor, -1, {
      state: 'TASK_DROPPED',
      reason: 'REASON_EXECUTOR_TERMINATED',
      message: user.error,
    });
    return;
  }
  const fetched = await fetchAll({
    uris: command.uris,
    sandbox: executor.directory,
    cacheDirectory: join(agent.options.workDir, 'fetch'),
    limits: { stallTimeoutMs: agent.options.fetchStallTimeoutMs, bytesMax: agent.options.fetchBytesMax },
  });
  if (executor.phase.kind !== 'launching' || agent.closed) return;
  if (fetched.kind === 'failed') {
    const problem = `Failed to fetch all URIs for container '${executor.containerId}': exited with status 1`;
    gone(agent, executor, 256, launchFailed(problem));
    return;
  }
  await start(agent, executor, framework, user.ids);
}

function launchFailed(problem: string): OwnUpdate {
  const message = `Failed to launch container: ${problem}`;
  return { state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LAUNCH_FAILED', message };
}

type Prepared =
  | { readonly kind: 'ready'; readonly ids: UserIds | null }
  | { readonly kind: 'failed'; readonly error: string };

/** Only root can run executors as somebody else; an ordinary user's agent runs them as itself. */
async function prepare(executor: Executor, place: SandboxPlace, user: string): Promise<Prepared> {
  const problem = `Failed to create executor directory '${executor.directory}'`;
  const found = await lookUpUser(user);
  if (found.kind === 'no-such-user') {
    return {
      kind: 'failed',
      error: `${problem}: Failed to chown directory to '${user}': No such user '${user}'`,
    };
  }
  const ids = process.getuid?.() === 0 ? found.ids : null;
  try {
    createSandbox(place, ids);
  } catch (error) {
    return { kind: 'failed', error: `${problem}: ${messageOf(error)}` };
  }
  return { kind: 'ready', ids };
}

async function start(
  agent: Agent,
  executor: Executor,
  framework: FrameworkInfo,
  user: UserIds | null,
): Promise<void> {
  const environment = executorEnvironment(agent, framework, executor);
  const { command } = executor.info;
  const started = await startContainer({
    command: command ?? { uris: [], arguments: [] },
    sandbox: executor.directory,
    environment,
    user,
  });
  if (started.kind === 'failed') {
    // Mesos forks first: what cannot be executed has begun and ended, with the reason on its stderr.
    appendFileSync(join(executor.directory, 'stderr'), `Failed to execute command: ${started.error}\n`);
    gone(agent, executor, 256, terminated);
    return;
  }
  const tree = processTree(started.root, executor.directory, agent.clock);
  void started.ended.then((waitStatus) =>
    ended(agent, executor, tree, tree.wasKilled() ? killedByAgent : waitStatus),
  );
  if (executor.phase.kind !== 'launching') {
    // The framework was removed, or the executor shut down, while its files were fetched.
    await tree.kill();
    return;
  }
  const { executorRegistrationTimeoutMs: timeoutMs } = agent.options;
  const cancelTimeout = agent.clock.after(timeoutMs, () => {
    const message = `Executor did not register within ${durationOfMs(timeoutMs)}`;
    endTasksOf(agent, executor, {
      state: 'TASK_FAILED',
      reason: 'REASON_EXECUTOR_REGISTRATION_TIMEOUT',
      message,
    });
    void tree.kill();
  });
  executor.phase = { kind: 'registering', tree, cancelTimeout };
  agent.save();
  agent.log.info('executor started', {
    executor: executor.id,
    pid: started.root.pid,
    sandbox: executor.directory,
  });
}
