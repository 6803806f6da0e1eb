/** A machine and an agent in memory, for stories about the executor. */
import { silentLog } from '@mesos-torque/common/logger.ts';
import type { Argv, CommandResult } from '@mesos-torque/common/run-command.ts';
import type { MomOrders } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { runExecutor } from '../executor.ts';
import type { RunningExecutor } from '../executor.ts';
import type { AgentPort, ExecutorEvent, StatusReport, UpdateOutcome } from '../mesos/agent-port.ts';
import type { MomHome } from '../mom-home.ts';
import type { Attempt, ExecutorPorts, ExecutorSettings, MomExit, MomProcess } from '../ports.ts';
import type { ProcessRow } from '../processes.ts';
import { VirtualClock } from './virtual-clock.ts';

export const taskId = 'mom.node1.torque.test.1';

export function ordersWith(changes: Partial<MomOrders> = {}): MomOrders {
  return {
    nodeName: 'node1.torque.test',
    pbsServer: 'head.torque.test',
    np: 2,
    momServicePort: 0,
    momManagerPort: 0,
    momConfigLines: [],
    healthIntervalMs: 5000,
    pbsMom: 'pbs_mom',
    momctl: 'momctl',
    path: '/opt/torque/sbin:/usr/bin',
    torqueHome: '',
    mpi: undefined,
    jobHooks: [],
    waitForJobs: false,
    restartsMax: 0,
    momLayoutLines: [],
    hostHome: false,
    ...changes,
  };
}

export function exited(code: number, stdout: string, stderr = ''): CommandResult {
  return { kind: 'exit', code, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), durationMs: 1 };
}

/** What `momctl -d 3` prints of a mom in good order. */
export function diagnosis(
  changes: {
    readonly server?: string;
    readonly home?: string;
    /** Seconds since mom and server had words. */
    readonly silentS?: number;
    readonly jobs?: readonly string[];
  } = {},
): string {
  const { silentS = 0, jobs = [] } = changes;
  return [
    '',
    'Host: node1.torque.test/node1.torque.test   Version: 6.1.3.h5   IP address: 10.77.0.11   PID: 15',
    `Server[0]: ${changes.server ?? 'head.torque.test'} (10.77.0.1:15001)`,
    `  Last Msg From Server:   ${silentS} seconds (CLUSTER_ADDRS)`,
    `  Last Msg To Server:     ${silentS} seconds`,
    `HomeDirectory:          ${changes.home ?? '/run/mom'}/mom_priv`,
    ...(jobs.length === 0 ? ['NOTE:  no local jobs detected'] : []),
    ...jobs.map((id) => `job[${id}]  state=RUNNING cput=0 vmem=0 mem=0 energy_used=0 sidlist=200`),
    '',
    'diagnostics complete',
    '',
  ].join('\n');
}

const refused = exited(1, '', "cannot connect to MOM on node 'localhost', errno=111 (Connection refused)\n");

/** A pbs_mom in memory. What it heeds can be set. */
export class FakeMom implements MomProcess {
  readonly pid = 100;
  readonly exited: Promise<MomExit>;
  readonly signals: string[] = [];
  exit: MomExit | null = null;
  stderrLines: readonly string[] = [];
  heedsTerm = true;
  #resolve: (exit: MomExit) => void = () => undefined;

  constructor() {
    this.exited = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  end(exit: MomExit): void {
    this.exit ??= exit;
    this.#resolve(exit);
  }

  lastStderrLines(): readonly string[] {
    return this.stderrLines;
  }

  signalGroup(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.signals.push(signal);
    if (signal === 'SIGKILL' || this.heedsTerm) this.end({ kind: 'signal', signal });
  }
}

export class Stage {
  readonly clock = new VirtualClock();
  readonly updates: StatusReport[] = [];
  /** One for each start. */
  readonly moms: FakeMom[] = [];
  readonly commands: Argv[] = [];
  readonly removedHomes: MomHome[] = [];
  momArgv: Argv | null = null;
  momEnv: Readonly<Record<string, string>> = {};
  missingProgram: string | null = null;
  /** What the node's name resolves to on this agent. */
  nodeAddresses: readonly string[] = ['10.77.0.11'];
  pathFault: string | null = null;
  /** Resolves `home.prepare`; tests that want it to last replace it. */
  preparing: Promise<Attempt<MomHome>> = Promise.resolve({
    ok: true,
    value: {
      path: '/run/mom',
      folder: '/sandbox/torque-home',
      inSandbox: true,
      hostFiles: [],
      mark: 'MESOS_TORQUE_MOM=1',
      frameworkMark: 'MESOS_TORQUE_FRAMEWORK=1',
    },
  });
  momAnswers: () => CommandResult = () => exited(0, diagnosis());
  heedsMomctl = true;
  acknowledges = true;
  /** Living processes besides the mom. */
  processes: ProcessRow[] = [];
  /** What single processes were sent: `SIGTERM 200`. */
  readonly sent: string[] = [];
  /** Pids that TERM does not end, and that nothing ends. */
  stubborn = new Set<number>();
  immortal = new Set<number>();
  isClosed = false;
  /** A mom that runs already. */
  adopted: FakeMom | null = null;
  nudges = 0;
  isGuarded = true;
  endedBecause: string | null = null;
  #onEvent: (event: ExecutorEvent) => Promise<void> = () => Promise.resolve();
  readonly executor: RunningExecutor;

  constructor() {
    this.executor = runExecutor(this.#ports(), settings(this.clock.nowMs()));
    void this.executor.ended.then((why) => {
      this.endedBecause = why;
    });
  }

  /** The latest one; before the first start, the one that will be. */
  get mom(): FakeMom {
    const latest = this.moms.at(-1) ?? new FakeMom();
    if (this.moms.length === 0) this.moms.push(latest);
    return latest;
  }

  /** Hands events to the executor and lets what they cause happen at once. */
  async sends(...events: readonly ExecutorEvent[]): Promise<void> {
    for (const event of events) await this.#onEvent(event);
    await this.clock.pass(0);
  }

  launch(orders: Partial<MomOrders> = {}, id = taskId, killGraceMs: number | null = null): ExecutorEvent {
    return { kind: 'launch', taskId: id, orders: ordersWith(orders), killGraceMs };
  }

  /** A task whose mom answers. */
  async hasRunningMom(orders: Partial<MomOrders> = {}): Promise<void> {
    await this.sends(subscribed, this.launch(orders), startMom);
  }

  states(): string[] {
    return this.updates.map(({ state, healthy }) =>
      healthy === null ? state : `${state} healthy=${healthy}`,
    );
  }

  last(): StatusReport {
    const update = this.updates.at(-1);
    if (update === undefined) throw new Error('nothing was told');
    return update;
  }

  #ports(): ExecutorPorts {
    return {
      agent: this.#agent(),
      clock: this.clock,
      log: silentLog,
      home: {
        prepare: () => this.preparing,
        pathFault: () => Promise.resolve(this.pathFault),
        lastLogLines: () => Promise.resolve([]),
        remove: (home) => {
          this.removedHomes.push(home);
          return Promise.resolve();
        },
      },
      lookUpName: (name) =>
        Promise.resolve({
          name,
          addresses: { ok: true, value: this.nodeAddresses },
          namesOf: new Map(),
        }),
      findProgram: (name, path) =>
        Promise.resolve(
          name === this.missingProgram
            ? { ok: false, error: `no program ${name} on this agent's PATH ${path}` }
            : { ok: true, value: `/opt/torque/sbin/${name}` },
        ),
      startMom: (argv, { env }) => {
        if (this.momArgv !== null || this.moms.length === 0) this.moms.push(new FakeMom());
        this.momArgv = argv;
        this.momEnv = env;
        return this.mom;
      },
      adoptMom: () => Promise.resolve(this.adopted),
      guard: () => ({
        release: () => {
          this.isGuarded = false;
        },
      }),
      followLog: () => () => undefined,
      run: (argv) => {
        this.commands.push(argv);
        return Promise.resolve(this.#momctl(argv));
      },
      processes: {
        list: () =>
          Promise.resolve([
            ...((this.adopted ?? this.mom).exit === null ? [row(this.mom.pid)] : []),
            ...this.processes,
          ]),
        signal: (pid, signal) => {
          this.sent.push(`${signal} ${pid}`);
          const heeds = !this.immortal.has(pid) && (signal === 'SIGKILL' || !this.stubborn.has(pid));
          if (heeds) this.processes = this.processes.filter((process) => process.pid !== pid);
        },
      },
    };
  }

  #momctl(argv: Argv): CommandResult {
    const mom = this.adopted ?? this.mom;
    if (mom.exit !== null) return refused;
    if (argv.includes('-C')) this.nudges++;
    if (!argv.includes('-s')) return this.momAnswers();
    if (this.heedsMomctl) (this.adopted ?? this.mom).end({ kind: 'exit', code: 0 });
    return exited(0, 'shutdown request successful on localhost\n');
  }

  #agent(): AgentPort {
    return {
      open: (onEvent) => {
        this.#onEvent = onEvent;
      },
      update: (status) => {
        this.updates.push(status);
        return this.acknowledges ? acknowledged : new Promise<UpdateOutcome>(() => undefined);
      },
      message: () => Promise.resolve({ kind: 'taken' }),
      close: () => {
        this.isClosed = true;
        return Promise.resolve();
      },
    };
  }
}

const acknowledged: Promise<UpdateOutcome> = Promise.resolve({ kind: 'acknowledged' });

export const subscribed: ExecutorEvent = {
  kind: 'subscribed',
  agentHost: 'node1.torque.test',
  agentId: 'S0',
};
export const startMom: ExecutorEvent = { kind: 'start-mom', taskId };
export const kill: ExecutorEvent = { kind: 'kill', taskId, graceMs: null };

/** A process that init has adopted, of a job's own session. */
export function row(pid: number, changes: Partial<ProcessRow> = {}): ProcessRow {
  return { pid, ppid: 1, pgid: pid, startedAt: `${pid}00`, marked: false, name: `p${pid}`, ...changes };
}

function settings(startedAtMs: number): ExecutorSettings {
  return {
    startedAtMs,
    hostName: 'node1.torque.test',
    addresses: ['10.77.0.11'],
    ownPid: 50,
    sandbox: '/sandbox',
    childEnv: { LIBRARY: '/lib' },
    ownPath: '/usr/bin',
    shutdownGraceMs: 5000,
  };
}
