/** The options under `executor:` about what jobs find on their nodes, and how a mom is looked after. */
import { list, orWord, text, whole, yesOrNo, type Kind } from './config-kinds.ts';
import { option } from './config-option.ts';

const program = text('program', /^[^\p{Cc}\s]{1,4096}$/u, 'give a name to look for on the path, or a path');

const linesMax = 1000;
const lineCharsMax = 4000;

/** Lines of a script: a block of text, or a list. They are kept as they are, blanks at the beginning too. */
const scriptLines: Kind<readonly string[]> = {
  type: 'lines of a script',
  unit: '',
  read: (value) => {
    const given: unknown = typeof value === 'string' ? linesOf(value) : value;
    const remedy = `give up to ${linesMax} lines of up to ${lineCharsMax} characters`;
    if (!Array.isArray(given) || given.length > linesMax) return { ok: false, remedy };
    const lines = given.filter(isLine);
    return lines.length === given.length ? { ok: true, value: lines } : { ok: false, remedy };
  },
  show: (lines) => (lines.length === 0 ? '[]' : `${lines.length} lines`),
};

function linesOf(value: string): readonly string[] {
  return value === '' || value === '[]' ? [] : value.replace(/\n$/, '').split('\n');
}

function isLine(line: unknown): line is string {
  return typeof line === 'string' && line.length <= lineCharsMax && !/[\0\n\r]/.test(line);
}

function hook(what: string, reason: string): ReturnType<typeof option<readonly string[]>> {
  return option({
    kind: scriptLines,
    default: '[]',
    what: `Lines of sh, run as root ${what}, with the arguments that TORQUE gives; a file is run by the line /path/to/it "$@".`,
    reason,
    effect: null,
  });
}

const prologueCodes =
  'none of our own; TORQUE ends the job when they exit 1, and requeues it at any other code but 0';
const epilogueCodes =
  'none of our own; what they exit with is only logged, and all else is done all the same';

export const jobOptions = {
  'executor.mpi.enabled': option({
    kind: yesOrNo,
    default: 'true',
    what: 'Whether jobs find an environment in which mpirun starts its ranks through TORQUE.',
    reason: 'MPI then works without sshd and keys, and its ranks end with the job',
    effect: null,
  }),
  'executor.mpi.pbsdsh': option({
    kind: program,
    default: 'pbsdsh',
    what: "TORQUE's program on the agents that starts tasks of a job.",
    reason: 'where it is installed differs, its name does not',
    effect: null,
  }),
  'executor.mpi.environment': option({
    kind: list(
      text(
        'NAME=VALUE',
        /^(?=.{1,250}$)[A-Za-z_][A-Za-z0-9_]*=[^\p{Cc}]*$/u,
        'give NAME=VALUE of up to 250 characters',
      ),
      '\n',
    ),
    default: '[]',
    what: 'Further variables of every job. UCX_TLS=tcp,self where agents share one kernel, such as containers.',
    reason: 'real machines need none',
    effect: null,
  }),
  'executor.mpi.mpd': option({
    kind: yesOrNo,
    default: 'false',
    what: 'Whether to start a ring of mpd for each job, for an MPICH2 from before Hydra.',
    reason: 'no MPI of this decade needs it',
    effect: null,
  }),
  'executor.hooks.prologueBefore': hook('on the first node of a job, before our prologue', prologueCodes),
  'executor.hooks.prologueAfter': hook('on the first node of a job, after our prologue', prologueCodes),
  'executor.hooks.prologueParallelBefore': hook(
    'on its other nodes, before our prologue.parallel',
    prologueCodes,
  ),
  'executor.hooks.prologueParallelAfter': hook(
    'on its other nodes, after our prologue.parallel',
    prologueCodes,
  ),
  'executor.hooks.epilogueBefore': hook('on the first node of a job, before our epilogue', epilogueCodes),
  'executor.hooks.epilogueAfter': hook('on the first node of a job, after our epilogue', epilogueCodes),
  'executor.hooks.epilogueParallelBefore': hook(
    'on its other nodes, before our epilogue.parallel',
    epilogueCodes,
  ),
  'executor.hooks.epilogueParallelAfter': hook(
    'on its other nodes, after our epilogue.parallel',
    epilogueCodes,
  ),
  'executor.image': option({
    kind: orWord(
      text(
        'image',
        /^[a-z0-9][A-Za-z0-9._:/@-]{0,254}$/,
        'give the name of a Docker image, perhaps with its registry and tag',
      ),
      'none',
    ),
    default: 'none',
    what: "A Docker image in which executor and mom run, through Mesos' own containerizer, on the agent's network. none: on the agent itself.",
    reason:
      'agents that have TORQUE need none; the image must have pbs_mom, momctl, pbsdsh, the MPI and the users of jobs',
    effect: null,
  }),
  'executor.hostHome': option({
    kind: yesOrNo,
    default: 'false',
    what: 'Whether executor.torqueHome is the home of a TORQUE that agents have, /var/spool/torque, to be used as it is. Its files are put back at the end.',
    reason: 'a home of our own disturbs nothing on the agent, and the end of the sandbox is the end of it',
    effect: null,
  }),
  'executor.restartsMax': option({
    kind: whole('restarts', 0, 100),
    default: '3',
    what: 'How often a mom that died, or lost its server, is started again with its jobs, within an hour.',
    reason:
      'a crash now and then costs no job; one that comes again and again has a cause that only a person can find',
    effect: {
      tooSmall: 'a crash of pbs_mom costs the jobs on its node',
      tooLarge: 'a broken agent is tried for long',
    },
  }),
  'executor.waitForJobs': option({
    kind: yesOrNo,
    default: 'false',
    what: 'Whether a mom that is to stop waits for its jobs, as long as the grace period of the kill lasts.',
    reason:
      'we kill only nodes without jobs; this is for agents that are drained, with policy.killGrace to match',
    effect: null,
  }),
  'executor.momLayoutLines': option({
    kind: scriptLines,
    default: '[]',
    what: 'The lines of mom_priv/mom.layout, where TORQUE was built with NUMA support.',
    reason: 'a mom without NUMA support has none',
    effect: null,
  }),
} as const;
