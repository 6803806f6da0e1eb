/** The options under `torque:` and `executor:`: the server and its programs, and what runs on the agents. */
import {
  anyText,
  choice,
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
  'torque.nodeCheckRate': option({
    kind: duration(10 * second, 10 * minute),
    default: '90s',
    what: 'After how long without a word from its mom a node reads down, in whole seconds.',
    reason: "twice a mom's own 45 s between two words; TORQUE's 150 s leave a dead node free for long",
    effect: {
      tooSmall: 'nodes whose moms report every 45 s go down and up again',
      tooLarge: 'jobs are sent to nodes whose mom is dead',
    },
  }),
  'torque.keepCompleted': option({
    kind: duration(0, 7 * 24 * 60 * minute),
    default: '5m',
    what: 'How long jobs stay listed that have ended, at the least, in whole seconds.',
    reason: "TORQUE 6.1's own; 4.2 forgets them at once",
    effect: {
      tooSmall: 'users look for a job that has just failed and find nothing',
      tooLarge: 'qstat takes longer for everybody',
    },
  }),
  'torque.queueLimits': option({
    kind: yesOrNo,
    default: 'false',
    what: 'Whether the server gets resources_max.{nodect,procct,mem}, so that qsub refuses what can never run.',
    reason: 'they are the same for all queues without limits of their own, which is for the site to decide',
    effect: null,
  }),
  'torque.checkNames': option({
    kind: yesOrNo,
    default: 'true',
    what: 'Whether names of nodes are looked up on this host: what a mom trusts, and what the agent says, is compared with it.',
    reason: 'two names for one address, or a name that leads elsewhere, make nodes that never work',
    effect: null,
  }),
  'torque.hostsFile': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'A hosts file in which a block of our nodes is kept, such as /etc/hosts. none: names are the business of DNS.',
    reason: 'most sites have DNS; without it pbs_server cannot resolve the agents',
    effect: null,
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
    reason:
      'both sleep most of the time (the executor takes less than 0.5 % of a processor), and an agent of 4 processors shall make a node of 4 slots',
    effect: {
      tooSmall: 'health checks are late on a busy agent',
      tooLarge: 'it may not exceed the smallest node',
    },
  }),
  'executor.mem': option({
    kind: size(32),
    default: '192MiB',
    what: 'Memory for the executor and its mom, on top of the slots.',
    reason:
      'measured (npm run bench executor): the executor has 65 MiB resident, 20 of them its own; a pbs_mom 6.1.3 locks all of its memory, 140 MiB, 99 of them its own',
    effect: {
      tooSmall: 'the agent ends the container, jobs included',
      tooLarge: 'fewer nodes fit into the offers',
    },
  }),
  'executor.disk': option({
    kind: size(0),
    default: '192MiB',
    what: "Disk for the executor's and the mom's files in the sandbox.",
    reason: 'the executor itself has 104 MiB, unpacked; the rest is for the logs of a few weeks',
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
    what: 'The executor that agents fetch from us: an archive (.tar.gz) with torque-executor in it, or that itself. auto: what was built with the scheduler, torque-executor-linux-x64.tar.gz and -arm64.tar.gz, as far as they are there.',
    reason: 'scheduler and executor belong together',
    effect: null,
  }),
  'executor.uri': option({
    kind: orWord(
      text(
        'URI',
        /^(?:[a-z][a-z0-9+.-]{0,20}:\/\/(?![^/@]*:[^/@]*@)|\/)[^\p{Cc}\s]{1,2000}$/u,
        "give what the agents' fetcher knows: http://, https://, file://, hdfs:// or an absolute path, without a secret, which everybody could read in Mesos' pages",
      ),
      'none',
    ),
    default: 'none',
    what: 'Where agents fetch the executor instead. {arch} in it stands for x64 or arm64. none: from us.',
    reason: 'works without anything prepared; a site with hundreds of agents may have a better place',
    effect: null,
  }),
  'executor.uriSha256': option({
    kind: list(
      text(
        'checksum',
        /^[0-9a-f]{64}$/,
        'give 64 hexadecimal digits in small letters, as sha256sum prints them',
      ),
      ',',
    ),
    default: '[]',
    what: 'The SHA-256 checksums of what is at executor.uri, one for each architecture: an agent runs nothing else. Empty: what is fetched there is not verified. What agents fetch from us always is.',
    reason: 'only the site knows what it has put there',
    effect: null,
  }),
  'executor.tlsCa': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: "The certificates (PEM), on the agents, of the authorities from which an agent's own certificate comes. The executor then speaks to its agent over TLS and believes nobody else. none: as the agent's environment says (LIBPROCESS_SSL_*).",
    reason: 'agents with TLS can give their executors that environment (--executor_environment_variables)',
    effect: null,
  }),
  'executor.tlsCert': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: "The executor's certificate (PEM), on the agents, for agents that ask for one.",
    reason: 'most agents ask for none',
    effect: null,
  }),
  'executor.tlsKey': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'The private key (PEM) of executor.tlsCert, on the agents, readable by mesos.user.',
    reason: 'a key is not sent over the network',
    effect: null,
  }),
  'executor.uriCache': option({
    kind: yesOrNo,
    default: 'false',
    what: "Whether agents keep what they fetched from executor.uri in their fetcher's cache.",
    reason:
      'a new version under the same address would never be fetched; what we serve is named by its content, and always kept',
    effect: null,
  }),
  'executor.arch': option({
    kind: orWord(choice(['x64', 'arm64']), 'auto'),
    default: 'auto',
    what: 'The architecture of agents that do not tell theirs. auto: ours.',
    reason: 'most clusters have one kind of machine',
    effect: null,
  }),
  'executor.archAttribute': option({
    kind: orWord(anyText('name'), 'none'),
    default: 'none',
    what: 'The attribute of agents that names their architecture: x86_64, amd64, x64, aarch64 or arm64.',
    reason: 'Mesos itself does not tell',
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
