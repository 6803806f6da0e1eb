/** The options under `torque:` and `executor:`: the server and its programs, and what runs on the agents. */
import {
  anyText,
  cpus,
  duration,
  file,
  host,
  list,
  orWord,
  size,
  text,
  whole,
  yesOrNo,
} from './config-kinds.ts';
import { option } from './config-option.ts';

const second = 1000;
const minute = 60 * second;

const program = text('program', /^[^\p{Cc}\s]{1,4096}$/u, 'give a name to look for on the path, or a path');

export const torqueOptions = {
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
    effect: {
      tooSmall: 'pbs_server is kept busy by us',
      tooLarge: 'each step of a new node waits for the next reading',
    },
  }),
  'torque.quietPollInterval': option({
    kind: duration(100, 10 * minute),
    default: '2s',
    what: 'How often TORQUE is read while nothing is expected: how late a new job may be noticed.',
    reason: 'short against the 10 s that TORQUE needs for a new node',
    effect: {
      tooSmall: 'pbs_server is kept busy by us',
      tooLarge: 'the first job after a quiet time waits that much longer',
    },
  }),
  'torque.commandTimeout': option({
    kind: duration(second, 10 * minute),
    default: '30s',
    what: 'How long a command of TORQUE may take.',
    reason: 'qstat takes 10 s for 100,000 jobs, a deletion 2 s',
    effect: {
      tooSmall: 'a long queue reads as unknown, and nothing shrinks',
      tooLarge: 'a hanging server is noticed late',
    },
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
    effect: {
      tooSmall: 'pbs_sched is always busy',
      tooLarge: 'a job waits beside free nodes where our request was lost',
    },
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
    effect: {
      tooSmall: 'qsub refuses jobs that would fit',
      tooLarge: 'impossible jobs wait until we name them',
    },
  }),
} as const;

export const executorOptions = {
  'executor.cpus': option({
    kind: cpus(10, 1_000_000),
    default: '0.1',
    what: "Processors of the executor and its mom, out of the node's own: a node of 4 slots takes 4 cpus, not 4.1.",
    reason: 'both sleep most of the time, and an agent of 4 processors shall make a node of 4 slots',
    effect: {
      tooSmall: 'health checks are late on a busy agent',
      tooLarge: 'it may not exceed the smallest node',
    },
  }),
  'executor.mem': option({
    kind: size(32),
    default: '128MiB',
    what: 'Memory for the executor and its mom, on top of the slots.',
    reason: 'an estimate: a bare Node takes about 60 MiB, and the mom some more',
    effect: {
      tooSmall: 'the agent ends the container, jobs included',
      tooLarge: 'fewer nodes fit into the offers',
    },
  }),
  'executor.disk': option({
    kind: size(0),
    default: '64MiB',
    what: "Disk for the executor's and the mom's files in the sandbox.",
    reason: 'the logs of a few weeks',
    effect: {
      tooSmall: 'with disk isolation the agent ends the container',
      tooLarge: 'fewer nodes fit into the offers',
    },
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
    kind: orWord(
      text('path', /^\/[^\p{Cc}\s]{0,99}$/u, 'give an absolute path of up to 100 characters'),
      'none',
    ),
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
    effect: {
      tooSmall: 'momctl takes processor time from jobs',
      tooLarge: 'a dead mom holds its resources for long',
    },
  }),
} as const;
