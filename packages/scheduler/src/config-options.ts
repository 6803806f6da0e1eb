/** Every option there is, by its key. `mesos-torque config --print` shows this table. */
import { choice, cpus, duration, list, orWord, size, text, whole, yesOrNo } from './config-kinds.ts';
import { option, type Option } from './config-option.ts';
import { policyOptions } from './config-policy-options.ts';

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;
const week = 7 * day;

const anyText = (type: string) =>
  text(type, /^[^\p{Cc}]{1,1024}$/u, 'give 1 to 1,024 characters on one line');
const file = text('path', /^[^\p{Cc}]{1,4096}$/u, 'give a path');
const program = text('program', /^[^\p{Cc}\s]{1,4096}$/u, 'give a name to look for on the path, or a path');
const host = text(
  'host name',
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
  'give a host name of letters, digits, hyphens and dots',
);
const url = text('URL', /^https?:\/\/[^\p{Cc}\s]{1,2000}$/u, 'give a URL that begins with http:// or https://');

const mesosOptions = {
  'mesos.master': option({
    kind: text(
      'address',
      /^(?:https?:\/\/)?[A-Za-z0-9[\]._:-]{1,255}(?:,[A-Za-z0-9[\]._:-]{1,255}){0,15}\/?$/,
      'give host:port, several separated by commas, or a URL that begins with http:// or https://',
    ),
    default: null,
    what: 'The Mesos master, or several of which one leads.',
    reason: 'only the site knows where its master is',
    effect: null,
  }),
  'mesos.role': option({
    kind: text('role', /^(?!-|\.{1,2}$)[^\s/*\p{Cc}]{1,255}$/u, 'give a role without blanks, slashes and asterisks'),
    default: 'torque',
    what: 'The role whose resources we take.',
    reason: 'a role of its own lets quotas and weights speak of TORQUE',
    effect: null,
  }),
  'mesos.user': option({
    kind: text('user', /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'give the name of a user that the agents have'),
    default: 'root',
    what: 'The user as whom agents run the executor. Mesos never lets it change for a framework id.',
    reason: 'a real pbs_mom starts as root alone',
    effect: null,
  }),
  'mesos.principal': option({
    kind: orWord(anyText('principal'), 'none'),
    default: 'none',
    what: 'The principal that the framework registers with. Mesos never lets it change for a framework id.',
    reason: 'needed only where the master asks for authentication',
    effect: null,
  }),
  'mesos.secretFile': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: "A file with the principal's secret, readable by us alone.",
    reason: 'a secret has no place in a configuration or on a command line',
    effect: null,
  }),
  'mesos.frameworkName': option({
    kind: anyText('name'),
    default: 'torque',
    what: "The framework's name in Mesos' pages.",
    reason: 'says what it is',
    effect: null,
  }),
  'mesos.failoverTimeout': option({
    kind: duration(minute, 52 * week),
    default: '1w',
    what: 'How long Mesos keeps our nodes running while we are away.',
    reason: "what other frameworks use; Mesos' own default of 0 ends every node at once",
    effect: { tooSmall: 'a restart or an upgrade that takes longer ends all jobs', tooLarge: 'nodes of a framework that never comes back stay' },
  }),
  'mesos.webuiUrl': option({
    kind: orWord(url, 'none'),
    default: 'none',
    what: "Where Mesos' pages shall link to.",
    reason: 'only the site knows under which address people reach us',
    effect: null,
  }),
  'mesos.encoding': option({
    kind: choice(['protobuf', 'json']),
    default: 'protobuf',
    what: 'How we speak with the master.',
    reason: 'a fifth of the size; json is for debugging',
    effect: null,
  }),
} as const;

const torqueOptions = {
  'torque.server': option({
    kind: orWord(host, 'auto'),
    default: 'auto',
    what: 'The host of pbs_server, as the moms shall know it. auto: the host that we run on.',
    reason: 'its commands work best beside it, as a manager',
    effect: null,
  }),
  'torque.binDir': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'Where qstat, pbsnodes and qmgr are. none: on the PATH.',
    reason: "an administrator's PATH has them",
    effect: null,
  }),
  'torque.pollInterval': option({
    kind: duration(100, minute),
    default: '500ms',
    what: 'How often TORQUE is read while something is expected of it.',
    reason: 'reading takes 30 to 300 ms; a node is free 0.3 s after its mom has started',
    effect: { tooSmall: 'pbs_server is kept busy by us', tooLarge: 'each step of a new node waits for the next reading' },
  }),
  'torque.quietPollInterval': option({
    kind: duration(100, 10 * minute),
    default: '2s',
    what: 'How often TORQUE is read while nothing is expected: how late a new job may be noticed.',
    reason: 'short against the 10 s that TORQUE needs for a new node',
    effect: { tooSmall: 'pbs_server is kept busy by us', tooLarge: 'the first job after a quiet time waits that much longer' },
  }),
  'torque.commandTimeout': option({
    kind: duration(second, 10 * minute),
    default: '30s',
    what: 'How long a command of TORQUE may take.',
    reason: 'qstat takes 10 s for 100,000 jobs, a deletion 2 s',
    effect: { tooSmall: 'a long queue reads as unknown, and nothing shrinks', tooLarge: 'a hanging server is noticed late' },
  }),
  'torque.manageServer': option({
    kind: yesOrNo,
    default: 'true',
    what: 'Whether we set up what pbs_server needs for jobs to wait: placeholder node, nodect, scheduler_iteration.',
    reason: 'stock pbs_sched deletes jobs that are larger than the nodes it knows',
    effect: null,
  }),
  'torque.schedulerIteration': option({
    kind: duration(second, 10 * minute),
    default: '10s',
    what: 'How often pbs_sched shall look by itself, in whole seconds.',
    reason: 'a node turning free does not wake it, and its own 600 s are too long where our request is lost',
    effect: { tooSmall: 'pbs_sched is always busy', tooLarge: 'a job waits beside free nodes where our request was lost' },
  }),
  'torque.placeholder.node': option({
    kind: orWord(host, 'auto'),
    default: 'auto',
    what: 'The node that never comes up and keeps large jobs queued. auto: the host of pbs_server.',
    reason: 'the name must resolve, and no mom may run there',
    effect: null,
  }),
  'torque.placeholder.np': option({
    kind: orWord(whole('slots', 1, 65_535), 'auto'),
    default: 'auto',
    what: 'Its slots. auto: as many as the safe allocation allows, 65,535 at the most.',
    reason: 'qsub then tells users at once of jobs that can never fit',
    effect: { tooSmall: 'qsub refuses jobs that would fit', tooLarge: 'impossible jobs wait until we name them' },
  }),
} as const;

const executorOptions = {
  'executor.cpus': option({
    kind: cpus(10, 1_000_000),
    default: '0.1',
    what: 'Processors for the executor and its mom, on top of the slots.',
    reason: 'both sleep most of the time',
    effect: { tooSmall: 'health checks are late on a busy agent', tooLarge: 'processors stay idle on each node' },
  }),
  'executor.mem': option({
    kind: size(32),
    default: '128MiB',
    what: 'Memory for the executor and its mom, on top of the slots.',
    reason: 'the executor takes 60 to 80 MiB, the mom 20',
    effect: { tooSmall: 'the agent ends the container, jobs included', tooLarge: 'fewer nodes fit into the offers' },
  }),
  'executor.disk': option({
    kind: size(0),
    default: '64MiB',
    what: "Disk for the executor's and the mom's files in the sandbox.",
    reason: 'the logs of a few weeks',
    effect: { tooSmall: 'with disk isolation the agent ends the container', tooLarge: 'fewer nodes fit into the offers' },
  }),
  'executor.portsFromOffer': option({
    kind: yesOrNo,
    default: 'false',
    what: "Whether moms listen on ports taken from the offer, or on TORQUE's own 15002 and 15003.",
    reason: 'one mom per agent finds its usual ports free',
    effect: null,
  }),
  'executor.file': option({
    kind: orWord(file, 'auto'),
    default: 'auto',
    what: 'The executor that agents fetch from us. auto: the one that was built with the scheduler.',
    reason: 'scheduler and executor belong together',
    effect: null,
  }),
  'executor.runtimeUri': option({
    kind: orWord(anyText('URI'), 'none'),
    default: 'none',
    what: 'Where agents fetch the Node that runs the executor. none: from us.',
    reason: 'agents need nothing installed but TORQUE',
    effect: null,
  }),
  'executor.path': option({
    kind: anyText('PATH'),
    default: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    what: 'PATH on the agents for pbs_mom and momctl.',
    reason: 'Mesos gives executors a PATH that rarely has TORQUE on it',
    effect: null,
  }),
  'executor.pbsMom': option({
    kind: program,
    default: 'pbs_mom',
    what: 'The mom on the agents.',
    reason: 'where it is installed differs, its name does not',
    effect: null,
  }),
  'executor.momctl': option({
    kind: program,
    default: 'momctl',
    what: 'The program on the agents that asks the mom how it is.',
    reason: 'where it is installed differs, its name does not',
    effect: null,
  }),
  'executor.momConfigLines': option({
    kind: list(text('line', /^[^\p{Cc}]{1,1000}$/u, 'give lines of up to 1,000 characters'), '\n'),
    default: '[]',
    what: 'Further lines of mom_priv/config.',
    reason: 'the mom needs none beyond those that we write',
    effect: null,
  }),
  'executor.torqueHome': option({
    kind: orWord(text('path', /^\/[^\p{Cc}\s]{0,99}$/u, 'give an absolute path of up to 100 characters'), 'none'),
    default: 'none',
    what: "Where the mom's home is made on the agents. none: below the sandbox.",
    reason: 'Mesos removes the sandbox when the task is long gone',
    effect: null,
  }),
  'executor.healthInterval': option({
    kind: duration(100, 10 * minute),
    default: '10s',
    what: 'How often the executor asks its mom how it is.',
    reason: 'pbs_server itself needs minutes to notice a dead mom',
    effect: { tooSmall: 'momctl takes processor time from jobs', tooLarge: 'a dead mom holds its resources for long' },
  }),
} as const;

const ownOptions = {
  stateDir: option({
    kind: file,
    default: '/var/lib/mesos-torque',
    what: 'Where the framework id and the intents are kept. Losing it costs a look around, no job.',
    reason: 'where programs keep what must live through a restart of the machine',
    effect: null,
  }),
  'http.host': option({
    kind: text('address', /^[A-Za-z0-9.:-]{1,253}$/, 'give an address or host name to listen on'),
    default: '0.0.0.0',
    what: 'The address on which agents fetch the executor.',
    reason: 'agents are other machines',
    effect: null,
  }),
  'http.port': option({
    kind: whole('port', 0, 65_535),
    default: '8470',
    what: 'The port on which agents fetch the executor. 0: any that is free.',
    reason: 'a fixed port can be let through a firewall',
    effect: null,
  }),
  'http.advertise': option({
    kind: orWord(host, 'auto'),
    default: 'auto',
    what: 'The name under which agents reach us. auto: the name of the host that we run on.',
    reason: 'right wherever host names resolve',
    effect: null,
  }),
  'control.socket': option({
    kind: orWord(text('path', /^[^\p{Cc}]{1,103}$/u, 'give a path of up to 103 characters'), 'auto'),
    default: 'auto',
    what: 'The unix socket on which the command line asks us. auto: control.sock in stateDir.',
    reason: 'whoever may open the state may ask',
    effect: null,
  }),
  'log.level': option({
    kind: choice(['debug', 'info', 'warn', 'error']),
    default: 'info',
    what: 'The least important lines that are logged.',
    reason: 'a line for each event, none for each look',
    effect: null,
  }),
} as const;

export const options = {
  ...mesosOptions,
  ...torqueOptions,
  ...executorOptions,
  ...policyOptions,
  ...ownOptions,
} as const;

export type OptionKey = keyof typeof options;

/** What each option holds once read. */
export type Values = {
  readonly [K in OptionKey]: (typeof options)[K] extends Option<infer T> ? T : never;
};

export const optionKeys = Object.keys(options) as readonly OptionKey[];

/** `policy.idleTime` → `MESOS_TORQUE_POLICY_IDLE_TIME`. */
export function environmentName(key: OptionKey): string {
  const words = key.replace(/([a-z])([A-Z])/g, '$1_$2').replaceAll('.', '_');
  return `MESOS_TORQUE_${words.toUpperCase()}`;
}
