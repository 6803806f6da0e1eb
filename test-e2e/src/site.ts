/**
 * A whole site as a story sees it: machines with names, the daemons on them, users who submit jobs, and our
 * schedulers. Containers or plain processes play it; a story never knows which, and asks `cannot` where
 * a runtime has no answer to what it wants.
 *
 * Machines and the daemons of Mesos and TORQUE stay up from story to story. What a story owns are the
 * schedulers it starts, each with a configuration and a state folder of its own, and the jobs it submits.
 */
import type { Argv, CommandResult } from '@mesos-torque/common/run-command.ts';

/** What plays a program: ours, or the one that was found on the machines with the version it told. */
export type Program = { readonly kind: 'stand-in' } | { readonly kind: 'real'; readonly version: string };

/** Ordinary users, the same uid on every machine. `carol` is a manager of TORQUE where a story makes her one. */
export type User = 'alice' | 'bob' | 'carol';

/** `root` is manager and may not submit jobs. */
export type Account = 'root' | User;

/** Something a story may need and not every runtime has. */
export type Capability =
  /** `Machine.powerOff` and `powerOn`. */
  | 'power'
  /** `Machine.cut` and `heal`. */
  | 'network'
  /** `Site.forget` and `remember`: a name that the head cannot resolve. */
  | 'names'
  /** Programs that act as the account they were started by: files of alice are not bob's, root is not carol. */
  | 'accounts'
  /** The file system below /home is one for all machines. */
  | 'shared-home'
  /** ZooKeeper: two masters, two schedulers. */
  | 'zookeeper'
  /** `mpirun` of MPICH and a compiled program that says which ranks ran where (`Site.mpiProgram`). */
  | 'mpich';

export interface RunOptions {
  /** `root` if left out. */
  readonly as?: Account;
  readonly stdin?: string;
  /** 60 s if left out. */
  readonly timeoutMs?: number;
}

/** One line of `ps`, seen on the machine itself. */
export interface ProcessSeen {
  readonly pid: number;
  readonly user: string;
  /** Program and arguments, as `ps` prints them. */
  readonly command: string;
}

export interface Machine {
  /** Fully qualified: `node1.agents.example.org`. */
  readonly name: string;
  /** IPv4, reachable from the runner. Loopback where all machines are this one. */
  readonly address: string;
  /** A command on the machine, with TORQUE's and Mesos' programs on its PATH. Its end is a value. */
  run(argv: Argv, options?: RunOptions): Promise<CommandResult>;
  /** Null where there is no such file. */
  readFile(path: string): Promise<string | null>;
  /** Made with its folders; owned by root and readable by all. */
  writeFile(path: string, text: string): Promise<void>;
  /**
   * What runs there, without the machine's own housekeeping (its first process, the look itself) and
   * without zombies. On a machine that is off: nothing.
   */
  processes(): Promise<readonly ProcessSeen[]>;
  /** Sends a signal to one process; false where it has ended already. */
  signal(pid: number, signal: NodeJS.Signals): Promise<boolean>;
  /** The plug is pulled: every process ends at once, the disk stays. Needs `power`. */
  powerOff(): Promise<void>;
  /** Boots: its daemons start again by themselves. Resolves when they answer. */
  powerOn(): Promise<void>;
  isOn(): Promise<boolean>;
  /** Nothing goes in or out any more, and nobody is told; what runs there runs on. Needs `network`. */
  cut(): Promise<void>;
  heal(): Promise<void>;
}

/** A program of a machine that runs until it is ended. */
export interface Daemon {
  /** As `ps` shows it or, with a stand-in, as the real one is called: `pbs_server`, `mesos-agent`. */
  readonly name: string;
  readonly machine: Machine;
  isRunning(): Promise<boolean>;
  /** Resolves when it answers; does nothing where it runs already. */
  start(): Promise<void>;
  /** In the manner that suits it (TERM, `qterm -t quick`); resolves when it has ended. */
  stop(): Promise<void>;
  /** KILL; resolves when it has ended. What it started lives on. */
  kill(): Promise<void>;
  /** Stop and start. */
  restart(): Promise<void>;
  /** All that it has logged since the site was started. */
  log(): Promise<string>;
}

export interface AgentMachine extends Machine {
  readonly cpus: number;
  readonly memMib: number;
  /** Mesos attributes: `rack:r1`, `bigmem:true`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly agent: Daemon;
}

export interface MasterMachine extends Machine {
  readonly master: Daemon;
  /** `http://address:5050`, reachable from the runner. */
  readonly url: string;
}

/** Sections and options of the framework's configuration file, laid over what the site sets. */
export type Configuration = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface SchedulerStart {
  /**
   * Laid over the site's own (master, server, executor's file, ports, state folder), section by section and
   * option by option: `{ policy: { idleTime: '2s' } }`.
   */
  readonly config: Configuration;
  /** Account that runs it; `root` if left out. */
  readonly as?: Account;
  /**
   * Whether to wait until `/readyz` answers 200 (minutes at most); true if left out. A standby, or one that
   * is expected to refuse, is not waited for.
   */
  readonly waitReady?: boolean;
  /** Version that the executor it serves bears, for an upgrade; the one that was built if left out. */
  readonly executorVersion?: string;
}

/** One of our schedulers on the head. Its files are named after the story, see `Site.begin`. */
export interface Scheduler {
  readonly name: 'first' | 'second';
  readonly stateDir: string;
  readonly configFile: string;
  /** `http://address:port` of its dashboard, API and health, reachable from the runner. */
  readonly url: string;
  /** Writes the configuration and starts; the state folder stays as the last run of this story left it. */
  start(options: SchedulerStart): Promise<void>;
  /** TERM, and KILL after 30 s. Nodes and tasks stay as they are. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  isRunning(): Promise<boolean>;
  /** How it ended; null while it runs or was never started. 137 after KILL. */
  exitCode(): Promise<number | null>;
  /** JSON lines of this story. */
  log(): Promise<string>;
  /** `mesos-torque ARGS --socket …` on the head, as the account given (`root` if left out). */
  cli(args: readonly string[], as?: Account): Promise<CommandResult>;
}

export interface Site {
  readonly runtime: 'docker' | 'process';
  readonly programs: { readonly mesos: Program; readonly torque: Program };
  readonly head: Machine;
  /** Where users log in. The head where there is no machine of its own. */
  readonly client: Machine;
  readonly zookeeper: Machine;
  readonly masters: readonly [MasterMachine, MasterMachine];
  /** Four, of different sizes: see `layout.ts`. */
  readonly agents: readonly [AgentMachine, AgentMachine, AgentMachine, AgentMachine];
  /** Every machine once. */
  readonly machines: readonly Machine[];

  readonly trqauthd: Daemon;
  readonly pbsServer: Daemon;
  readonly pbsSched: Daemon;
  readonly zooKeeper: Daemon;
  readonly schedulers: { readonly first: Scheduler; readonly second: Scheduler };

  /** Why a story that needs this cannot be played here; null where it can. */
  cannot(capability: Capability): string | null;

  /** `zk://…/torque` for `ha:` of the schedulers; they must be told, masters find each other by themselves. */
  readonly zookeeperAddress: string;
  /** Source of a program is on every machine; this is the compiled one: prints `rank R of N on HOST` for each rank. */
  readonly mpiProgram: string;

  /** `qsub ARGS` on the client with the script on standard input; the id it printed, or an error with what it said. */
  qsub(user: User, args: readonly string[], script: string): Promise<string>;
  /** A command with its output, on the head as root; an error where it exits other than 0. */
  admin(argv: Argv, stdin?: string): Promise<string>;

  /** The head can no longer resolve the machine's name. Needs `names`. */
  forget(machine: Machine): Promise<void>;
  remember(machine: Machine): Promise<void>;

  /** A story begins: schedulers get state folders, logs and configuration files below its name. */
  begin(story: string): Promise<void>;
  /**
   * Ends what the story left: schedulers stopped, names and networks healed, machines and daemons up again, jobs and
   * elastic nodes deleted, frameworks torn down. Each sentence names one thing that had to be put right; no
   * sentence means that the story left the site as it found it. The auditor looks before this.
   */
  reset(): Promise<readonly string[]>;
  /** Logs, journals, configuration and each side's state (`qstat -f`, `pbsnodes`, `/state`, `ps`), into a folder. */
  collect(folder: string): Promise<void>;
  /** Everything ends and is taken away; images stay. */
  close(): Promise<void>;
}

/** Makes the site and brings it up to the point where `qmgr`, the master and all agents answer. */
export interface Runtime {
  readonly name: Site['runtime'];
  /** Why this runtime cannot be used here; null where it can. */
  missing(): Promise<string | null>;
  /** `say` takes one line of progress each: what was built, what was detected, how long it took. */
  open(say: (line: string) => void): Promise<Site>;
}
