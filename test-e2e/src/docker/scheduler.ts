/** One of our schedulers on the head's container. */
import { explain, succeeded } from '@mesos-torque/minicluster/command.ts';
import { waitUntil } from '@mesos-torque/minicluster/wait-until.ts';
import type { Argv } from '@mesos-torque/common/run-command.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import { head as placedHead, ports, zookeeper as placedZooKeeper } from '../layout.ts';
import type { Account, Configuration, Scheduler, SchedulerStart } from '../site.ts';
import { programsDir, schedulerProgram } from './bundle.ts';
import { executorName } from './context.ts';
import type { ContainerMachine } from './machine.ts';

export interface SchedulerParts {
  readonly name: Scheduler['name'];
  readonly head: ContainerMachine;
  /** PATH of all machines. */
  readonly path: string;
  /** Folder of the story of the moment. */
  storyDir(): string;
}

const readyMsMax = 180_000;
const stopGraceMs = 30_000;
const endMsMax = 10_000;

export function containerScheduler(parts: SchedulerParts): Scheduler {
  const { name, head } = parts;
  const port = ports.schedulers[name === 'first' ? 0 : 1];
  const url = `http://${head.address}:${String(port)}`;
  const dir = (): string => `${parts.storyDir()}/${name}`;
  const configFile = (): string => `${dir()}/config.yaml`;
  /** Of the account that ran it last: a socket is its owner's. */
  let socketDir = `/run/site/${name}-root`;
  const pids = async (): Promise<readonly number[]> => {
    const lines = await head.allProcesses();
    const end = `${schedulerProgram} run --config ${configFile()}`;
    return lines.filter(({ command }) => command.endsWith(end)).map(({ pid }) => pid);
  };
  const isRunning = async (): Promise<boolean> => (await pids()).length > 0;
  const signal = async (what: NodeJS.Signals): Promise<void> => {
    for (const pid of await pids()) await head.signal(pid, what);
  };
  const exitCode = async (): Promise<number | null> => {
    const text = await head.readFile(`${dir()}/exit`);
    return text === null ? null : Number(text);
  };
  const ended = (timeoutMs: number): Promise<unknown> =>
    waitUntil({ what: `scheduler ${name} has ended`, timeoutMs }, async () => (await exitCode()) !== null);
  const scheduler: Scheduler = {
    name,
    url,
    get stateDir() {
      return `${dir()}/state`;
    },
    get configFile() {
      return configFile();
    },
    async start(options) {
      const account = options.as ?? 'root';
      socketDir = `/run/site/${name}-${account}`;
      const owned = ['-d', '-o', account, '-g', account];
      await done(head, ['install', ...owned, parts.storyDir(), dir(), `${dir()}/state`, socketDir]);
      const executor = await executorFile(head, options.executorVersion ?? null);
      const own = ownConfiguration({ parts, port, executor, socket: `${socketDir}/control.sock`, account });
      // JSON is YAML: what is written here is read as any administrator's file.
      const text = JSON.stringify({ ...laidOver(own, options.config), stateDir: `${dir()}/state` }, null, 2);
      await head.writeFile(configFile(), `${text}\n`);
      await head.run(['rm', '-f', `${dir()}/exit`]);
      await head.begin(['/opt/mesos-torque/machine/run-scheduler', dir()], account);
      await waitUntil(
        { what: `scheduler ${name} runs`, timeoutMs: readyMsMax },
        async () => (await isRunning()) || (await exitCode()) !== null,
      );
      if (options.waitReady ?? true) await ready(url, exitCode);
    },
    async stop() {
      if (!(await isRunning())) return;
      await signal('SIGTERM');
      await ended(stopGraceMs).catch(() => scheduler.kill());
    },
    async kill() {
      await signal('SIGKILL');
      await ended(endMsMax);
    },
    isRunning,
    exitCode,
    log: async () => (await head.readFile(`${dir()}/log`)) ?? '',
    cli(args, as = 'root') {
      const where = configured.includes(args[0] ?? '')
        ? ['--config', configFile()]
        : ['--socket', `${socketDir}/control.sock`];
      return head.run(['node', schedulerProgram, ...args, ...where], { as });
    },
  };
  return scheduler;
}

/** Commands that read the configuration and ask nobody. */
const configured: readonly string[] = ['config', 'doctor', 'setup', 'run'];

async function ready(url: string, exitCode: () => Promise<number | null>): Promise<void> {
  const what = `${url}/readyz answers that the scheduler is ready`;
  const code = await waitUntil({ what, timeoutMs: readyMsMax, everyMs: 150 }, async () => {
    const why = await whyNotReady(url);
    if (why === null) return { code: null };
    const code = await exitCode();
    if (code !== null) return { code };
    throw new Error(why);
  });
  if (code.code !== null)
    throw new Error(`the scheduler ended with exit code ${String(code.code)} before it was ready`);
}

/** What `/readyz` says, or why it says nothing; null when the scheduler is ready. */
async function whyNotReady(url: string): Promise<string | null> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) });
    const text = await answer.text();
    return answer.ok ? null : text;
  } catch (error) {
    return messageOf(error);
  }
}

/** To all who serve and fetch it, an executor of another version is a file of other content. */
async function executorFile(head: ContainerMachine, version: string | null): Promise<string> {
  const built = `${programsDir}/${executorName}`;
  if (version === null) return built;
  const folder = `/var/lib/mesos-torque/executor-${version}`;
  await done(head, ['install', '-D', '-m', '755', built, `${folder}/${executorName}`]);
  await done(head, ['tee', '-a', `${folder}/${executorName}`], `\n${version}\n`);
  return `${folder}/${executorName}`;
}

interface Own {
  readonly parts: SchedulerParts;
  readonly port: number;
  readonly executor: string;
  readonly socket: string;
  readonly account: Account;
}

function ownConfiguration({ parts, port, executor, socket, account }: Own): Configuration {
  return {
    mesos: { master: `zk://${placedZooKeeper.name}:${String(ports.zookeeper)}/mesos`, user: 'root' },
    torque: { server: placedHead.name, probeUser: account === 'root' ? 'alice' : 'auto' },
    // Homes are shared: what a job printed is copied, and not sent by programs that nobody has installed.
    executor: { file: executor, path: parts.path, momConfigLines: ['$usecp *:/home /home'] },
    http: { port, advertise: placedHead.name },
    control: { socket },
  };
}

export function laidOver(own: Configuration, over: SchedulerStart['config']): Configuration {
  const sections = new Set([...Object.keys(own), ...Object.keys(over)]);
  return Object.fromEntries([...sections].map((name) => [name, { ...own[name], ...over[name] }]));
}

async function done(machine: ContainerMachine, argv: Argv, stdin = ''): Promise<void> {
  const result = await machine.run(argv, { stdin });
  if (!succeeded(result)) throw new Error(`${machine.name}: ${argv.join(' ')}: ${explain(result)}`);
}
