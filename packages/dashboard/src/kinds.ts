/**
 * The kinds that are told apart by colour: phases of nodes and states of the queue. Each has a name for
 * people, a place in the stack and a colour of `style.css` (`--kind-…`), chosen to differ for colour-blind eyes
 * too; a name or a count stands beside every colour.
 */

export interface Kind {
  /** As the scheduler says it. */
  readonly key: string;
  readonly label: string;
  /** What it means, in one line. */
  readonly meaning: string;
  /** Custom property of the style sheet. */
  readonly colour: string;
}

function kind(key: string, label: string, meaning: string): Kind {
  return { key, label, meaning, colour: `--kind-${key}` };
}

/** From the bottom of the stack: what can be counted on first. */
export const nodePhases: readonly Kind[] = [
  kind('static', 'static', "the administrator's own nodes"),
  kind('up', 'up', 'jobs can run on it'),
  kind('registering', 'registering', 'pbs_server knows the node, its mom is to report'),
  kind('starting', 'starting', 'the executor is there, the node is being made'),
  kind('launching', 'launching', 'Mesos was asked to start it'),
  kind('draining', 'draining', 'takes no new jobs; goes when its jobs have ended'),
  kind('leaving', 'leaving', 'being taken apart: the node first, then the task'),
  kind('gone', 'gone', 'task and node have ended'),
  kind('suspect', 'suspect', 'something is wrong with it; see its reason'),
  kind('placeholder', 'placeholder', 'keeps large jobs queued; never counted'),
  kind('foreign', 'foreign', 'belongs to another framework; never touched'),
];

/** From the bottom of the stack. */
export const jobVerdicts: readonly Kind[] = [
  kind('running', 'running', 'runs on its nodes'),
  kind('served', 'served', 'has or gets its nodes; the TORQUE scheduler starts it'),
  kind('waiting', 'waiting', 'needs nodes that are not there yet'),
  kind('impossible', 'impossible', 'cannot run within the policy'),
  kind('not-demand', 'not for nodes', 'held, dependent, at a limit or ending: nodes would not help'),
];

export const offerVerdicts: readonly Kind[] = [
  kind('accepted', 'accepted', 'a node is launched on it'),
  kind('held', 'held', 'kept for a job of several nodes until a stated time'),
  kind('declined', 'declined', 'given back to Mesos, with the reason'),
];

/** Kinds the scheduler may add one day are shown under their own name rather than dropped. */
export function kindOf(kinds: readonly Kind[], key: string): Kind {
  return kinds.find((each) => each.key === key) ?? { key, label: key, meaning: '', colour: '--kind-other' };
}
