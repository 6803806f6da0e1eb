/** The options under `torque:` that say who runs pbs_server and the scheduler of TORQUE, and how. */
import { choice, duration, file, list, orWord, text, whole, yesOrNo } from './config-kinds.ts';
import { option } from './config-option.ts';

const second = 1000;
const minute = 60 * second;

export const serverOptions = {
  'torque.mode': option({
    kind: choice(['auto', 'manage', 'attach']),
    default: 'auto',
    what: 'manage: trqauthd, pbs_server and the scheduler are started where they do not run. attach: nothing is started or stopped. auto: attach where torque.server is named or we are not root, manage otherwise.',
    reason: 'who names a server has one',
    effect: null,
  }),
  'torque.home': option({
    kind: orWord(file, 'auto'),
    default: 'auto',
    what: "The server's home, such as /var/spool/torque. auto: as pbs_server --about says. In attach mode it is for a server that is on this machine under another name: as root we then know its restarts for what they are.",
    reason: 'it was fixed when TORQUE was built',
    effect: null,
  }),
  'torque.sbinDir': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'Where trqauthd, pbs_server and pbs_sched are. none: on the PATH.',
    reason: "root's PATH has them",
    effect: null,
  }),
  'torque.createDatabase': option({
    kind: yesOrNo,
    default: 'true',
    what: 'Whether, in manage mode, a database is made where there is none, with an execution queue named batch.',
    reason: 'a fresh installation has none; where anything is there or cannot be read, none is made',
    effect: null,
  }),
  'torque.onEnd': option({
    kind: choice(['leave', 'stop']),
    default: 'leave',
    what: 'What becomes, when we end, of the daemons that we have started: they go on, or are stopped in order (scheduler, pbs_server, trqauthd).',
    reason: 'jobs and users need them while we are restarted',
    effect: null,
  }),
  'torque.restartsMax': option({
    kind: whole('starts', 1, 1000),
    default: '10',
    what: 'How often a daemon is started within torque.restartWindow before we give it up, and say so.',
    reason: 'one that ends ten times needs a person',
    effect: {
      tooSmall: 'a passing trouble leaves the site without a server',
      tooLarge: 'a daemon that cannot run fills its log',
    },
  }),
  'torque.restartWindow': option({
    kind: duration(minute, 24 * 60 * minute),
    default: '1h',
    what: 'The time within which torque.restartsMax counts.',
    reason: 'rests between starts grow to 1 min, so ten starts take about 6 min',
    effect: {
      tooSmall: 'a daemon that ends again and again is never given up',
      tooLarge: 'a few ends a day are too many',
    },
  }),
  'torque.watchInterval': option({
    kind: duration(100, 10 * minute),
    default: '5s',
    what: 'How often the daemons are asked whether they run, and the server whether scheduling is on.',
    reason: 'an end of one that we started, and of a server beside us, is noticed at once',
    effect: {
      tooSmall: 'pbs_server is kept busy by us',
      tooLarge: 'a daemon of others that ended is started late',
    },
  }),
  'torque.scheduler': option({
    kind: choice(['pbs_sched', 'maui', 'moab', 'none', 'command']),
    default: 'pbs_sched',
    what: 'The scheduler of TORQUE, which decides what job starts where. command: that of torque.schedulerCommand.',
    reason: 'TORQUE comes with it',
    effect: null,
  }),
  'torque.schedulerCommand': option({
    kind: list(text('argument', /^[^\p{Cc}]{1,1024}$/u, 'give words without control characters'), ' '),
    default: '[]',
    what: "Program and arguments of the site's own scheduler; it stays in the foreground. No shell reads them.",
    reason: 'only torque.scheduler=command needs it',
    effect: null,
  }),
  'torque.schedulerBinDir': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: "Where Maui's or Moab's programs are (maui, showq, checkjob, releasehold). none: on the PATH.",
    reason: "an administrator's PATH has them",
    effect: null,
  }),
  'torque.releasesMax': option({
    kind: whole('jobs', 1, 1000),
    default: '10',
    what: "How many of Maui's deferred jobs are released at a time, once their nodes are up.",
    reason: 'each takes three short commands',
    effect: {
      tooSmall: 'many small jobs start one after the other',
      tooLarge: 'the loop waits for Maui',
    },
  }),
  'torque.probeUser': option({
    kind: orWord(
      text('user name', /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, 'give a user name of up to 32 characters'),
      'auto',
    ),
    default: 'auto',
    what: 'As whom, where we are root, a job is submitted that is refused and so makes pbs_server read nodect. auto: nobody.',
    reason: 'qsub takes no jobs from root',
    effect: null,
  }),
} as const;
