/** The options under `policy:`, which say what the planner may do. */
import { choice, cpus, duration, list, orWord, size, text, whole, type Kind } from './config-kinds.ts';
import { option } from './config-option.ts';
import { constraintText, parseConstraint, type Constraint } from './core/constraints.ts';

const constraint: Kind<Constraint> = {
  type: 'constraint',
  unit: '',
  read(value) {
    const read = typeof value === 'string' ? parseConstraint(value) : { problem: 'it is no text' };
    return 'problem' in read ? { ok: false, remedy: read.problem } : { ok: true, value: read };
  },
  show: constraintText,
};

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Mesos gives no less than a hundredth of a processor. */
const cpuMilliMin = 10;
const cpuMilliMax = 100_000_000;

export const policyOptions = {
  'policy.minSlotsHeld': option({
    kind: whole('nodes', 0, 10_000),
    default: '0',
    what: 'Nodes held even when nothing waits: the floor.',
    reason: 'an idle framework should hold nothing that others could use',
    effect: {
      tooSmall: 'the first job after a quiet time waits for a node to start, 10 to 60 s',
      tooLarge: 'resources stay idle that other frameworks could use',
    },
  }),
  'policy.minComputeNode.np': option({
    kind: whole('slots', 1, 65_535),
    default: '1',
    what: 'Slots that a node has at the least.',
    reason: 'smaller jobs then need no larger offers',
    effect: {
      tooSmall: 'many small nodes, each with an executor and a mom of its own',
      tooLarge: 'offers that would do are declined as too small',
    },
  }),
  'policy.minComputeNode.mem': option({
    kind: size(32),
    default: '512MiB',
    what: 'Memory that a node has at the least.',
    reason: 'enough for a login shell and a small program',
    effect: {
      tooSmall: 'jobs that ask for no memory may run out of it',
      tooLarge: 'offers that would do are declined',
    },
  }),
  'policy.safeAllocation.cpus': option({
    kind: orWord(cpus(cpuMilliMin, cpuMilliMax), 'none'),
    default: '48',
    what: 'Processors that we never exceed, launches in flight included.',
    reason: 'as much as a small cluster: a limit should be lifted on purpose, not by forgetting it',
    effect: {
      tooSmall: 'jobs wait although Mesos has room',
      tooLarge: 'a full queue takes the whole cluster',
    },
  }),
  'policy.safeAllocation.mem': option({
    kind: orWord(size(32), 'none'),
    default: '48GiB',
    what: 'Memory that we never exceed.',
    reason: '1 GiB for each processor of it',
    effect: {
      tooSmall: 'jobs wait although Mesos has room',
      tooLarge: 'a full queue takes the whole cluster',
    },
  }),
  'policy.safeAllocation.disk': option({
    kind: orWord(size(1), 'none'),
    default: 'none',
    what: 'Disk that we never exceed.',
    reason: 'a node takes little of it, and processors and memory limit the nodes already',
    effect: { tooSmall: 'jobs wait although Mesos has room', tooLarge: 'other frameworks may find no disk' },
  }),
  'policy.safeAllocation.gpus': option({
    kind: orWord(whole('gpus', 0, 100_000), 'none'),
    default: 'none',
    what: 'Gpus that we never exceed.',
    reason: 'only jobs that ask for gpus take any',
    effect: { tooSmall: 'jobs that ask for gpus wait', tooLarge: 'other frameworks may find no gpus' },
  }),
  'policy.safeAllocation.nodes': option({
    kind: orWord(whole('nodes', 1, 65_535), 'none'),
    default: 'none',
    what: 'Nodes that we never exceed.',
    reason: 'processors and memory limit them already',
    effect: {
      tooSmall: 'jobs wait although Mesos has room',
      tooLarge: 'pbs_server has more nodes to look after',
    },
  }),
  'policy.nodeSize': option({
    kind: choice(['fit', 'whole']),
    default: 'fit',
    what: 'Whether a node gets the slots that waiting jobs need there, or all that the offer holds.',
    reason: 'what is not needed stays with Mesos for others',
    effect: null,
  }),
  'policy.npMax': option({
    kind: whole('slots', 1, 65_535),
    default: '64',
    what: 'Slots that a node has at the most.',
    reason: 'as many as most machines have processors',
    effect: {
      tooSmall: 'jobs with a larger ppn are impossible',
      tooLarge: 'one node may take a whole large machine',
    },
  }),
  'policy.cpusPerSlot': option({
    kind: cpus(cpuMilliMin, 1_000_000),
    default: '1',
    what: 'Processors that one slot stands for.',
    reason: 'TORQUE counts a slot as a processor',
    effect: { tooSmall: 'jobs share processors and slow each other down', tooLarge: 'processors stay idle' },
  }),
  'policy.memPerSlot': option({
    kind: size(1),
    default: '512MiB',
    what: 'Memory set aside for a slot whose job asks for none.',
    reason: 'small enough for four slots on an agent of 4 GiB, large enough for most single processes',
    effect: { tooSmall: 'such jobs may run out of memory', tooLarge: 'fewer nodes fit into the offers' },
  }),
  'policy.propertyAttributes': option({
    kind: list(
      text('attribute name', /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'give names of agent attributes'),
      ',',
    ),
    default: '[]',
    what: 'Attributes of agents that become node properties: the value, or the name where it is "true".',
    reason: 'which attributes concern jobs is for the site to say',
    effect: null,
  }),
  'policy.constraints': option({
    kind: list(constraint, ','),
    default: '[]',
    what: 'What agents must be like, and how nodes are spread over them: rack:GROUP_BY, rack:UNIQUE, rack:MAX_PER:2, os:LIKE:ubuntu.*, os:UNLIKE:.*beta, disk:CLUSTER:ssd.',
    reason: 'any agent that is offered will do, unless the site says otherwise',
    effect: null,
  }),
  'policy.idleTime': option({
    kind: duration(0, 52 * 7 * day),
    default: '30m',
    what: 'How long a node above the floor is idle before it is drained.',
    reason:
      'jobs come in bursts, and the next one finds the nodes of the last; what that costs in idle node-hours differs by site: `replay` tells, on your own accounting log',
    effect: { tooSmall: 'nodes come and go between jobs', tooLarge: 'idle nodes are kept from others' },
  }),
  'policy.launchesInFlightMax': option({
    kind: whole('nodes', 1, 10_000),
    default: '256',
    what: 'Nodes being started at once, at the most.',
    reason:
      'nodes that start together share the wait for the host list; a job of more nodes waits for two rounds',
    effect: {
      tooSmall: 'large jobs wait longer for their nodes',
      tooLarge: 'a crowd of fetches and registrations at once',
    },
  }),
  'policy.launchTimeout': option({
    kind: duration(second, day),
    default: '2m',
    what: 'From launch to TASK_STARTING; then the task is given up.',
    reason: 'an agent gives an executor one minute to register, after it was fetched',
    effect: {
      tooSmall: 'slow fetches are given up',
      tooLarge: 'a lost launch holds its share of the allocation',
    },
  }),
  'policy.registerTimeout': option({
    kind: duration(second, day),
    default: '3m',
    what: 'From TASK_STARTING to a free node; then it is given up.',
    reason: 'TORQUE needs up to 42 s in the slowest order seen',
    effect: {
      tooSmall: 'nodes are given up that would have come',
      tooLarge: 'a mom that cannot register holds resources',
    },
  }),
  'policy.declineIdle': option({
    kind: duration(second, 365 * day),
    default: '1h',
    what: 'How long an offer is declined when nothing waits.',
    reason: 'REVIVE takes it back at once when something does',
    effect: { tooSmall: 'the master offers the same again and again', tooLarge: 'no harm: REVIVE clears it' },
  }),
  'policy.declineUnfit': option({
    kind: duration(second, 365 * day),
    default: '1m',
    what: 'How long an offer is declined that is unsuitable for what waits now.',
    reason: 'more may be free on the agent soon; others may use it until then',
    effect: {
      tooSmall: 'the same offer comes again and again',
      tooLarge: 'an agent that would do now is seen late',
    },
  }),
  'policy.gangHold': option({
    kind: duration(0, hour),
    default: '30s',
    what: 'How long offers may be held for a job of several nodes that is not complete yet.',
    reason: 'a few rounds of offers; others starve while we hold them',
    effect: {
      tooSmall: 'large jobs never find all their nodes at once',
      tooLarge: 'other frameworks wait for nothing',
    },
  }),
  'policy.reviveInterval': option({
    kind: duration(second, hour),
    default: '5s',
    what: 'REVIVE is sent at most once in this time.',
    reason: 'what other frameworks have settled on',
    effect: { tooSmall: 'storms of REVIVE at the master', tooLarge: 'offers come late' },
  }),
  'policy.revivesUnansweredMax': option({
    kind: whole('times', 1, 1000),
    default: '3',
    what: 'How often REVIVE is repeated for one need until offers come.',
    reason: 'REVIVE and DECLINE may overtake each other, so once is not enough',
    effect: {
      tooSmall: 'a REVIVE that was overtaken leaves us without offers',
      tooLarge: 'storms of REVIVE',
    },
  }),
  'policy.repeatInterval': option({
    kind: duration(second, hour),
    default: '5s',
    what: 'After this time an order is repeated whose effect is not seen: start, kill, node acts, scheduling.',
    reason: 'kills and framework messages are best effort; a node act takes 2 s',
    effect: {
      tooSmall: 'orders are doubled while they are being carried out',
      tooLarge: 'a lost order is noticed late',
    },
  }),
  'policy.killGrace': option({
    kind: duration(second, hour),
    default: '20s',
    what: 'How long the executor has to end a mom that is being killed.',
    reason: 'jobs are gone by then; ending the mom in order takes a second or two',
    effect: { tooSmall: 'processes are killed hard', tooLarge: 'a mom that hangs holds its resources' },
  }),
  'policy.agentBackoff': option({
    kind: duration(second, day),
    default: '30s',
    what: 'After a failed launch the agent is left alone for this time, doubling with each failure.',
    reason: 'most failures are of the agent, and others may do',
    effect: {
      tooSmall: 'a broken agent is tried again and again',
      tooLarge: 'one hiccup costs an agent for long',
    },
  }),
  'policy.agentBackoffMax': option({
    kind: duration(second, 7 * day),
    default: '10m',
    what: 'The most that the time after failed launches grows to.',
    reason: 'an agent that was repaired should be found again within a coffee',
    effect: { tooSmall: 'a broken agent is tried often', tooLarge: 'a repaired agent is not used for long' },
  }),
  'policy.quarantineFailures': option({
    kind: whole('launches', 1, 1000),
    default: '5',
    what: 'Failed launches in a row after which an agent is in quarantine.',
    reason: 'by then the rests between them came to a quarter of an hour, in which a passing trouble is over',
    effect: {
      tooSmall: 'a passing trouble costs an agent for long',
      tooLarge: 'a broken agent is tried again and again',
    },
  }),
  'policy.quarantineTime': option({
    kind: duration(second, 30 * day),
    default: '1h',
    what: 'How long an agent is in quarantine; then one launch there decides whether it is over.',
    reason: 'somebody has to look at such an agent; it comes back by itself within the hour if nobody does',
    effect: { tooSmall: 'a broken agent is tried often', tooLarge: 'a repaired agent is not used for long' },
  }),
  'policy.maintenanceLead': option({
    kind: duration(0, 30 * day),
    default: '1h',
    what: 'So long before announced maintenance the nodes of an agent take no jobs any more; longer, if a longer job waits.',
    reason: 'jobs that are submitted in the meantime and start at once are rarely longer',
    effect: {
      tooSmall: 'a job that starts late runs into the window and is lost',
      tooLarge: 'nodes stand empty before maintenance',
    },
  }),
  'policy.nodeActsMax': option({
    kind: whole('acts', 1, 1000),
    default: '10',
    what: 'Acts on TORQUE nodes in one pass, at the most.',
    reason: 'pbs_server needs 2 s for each deletion and answers nothing meanwhile',
    effect: {
      tooSmall: 'large clusters grow and shrink slowly',
      tooLarge: 'users wait for qstat while nodes go',
    },
  }),
  'policy.upgradesAtOnce': option({
    kind: whole('nodes', 0, 10_000),
    default: '1',
    what: 'Idle nodes with another executor than launches get now that are replaced at the same time, the floor not counted meanwhile. 0: they stay as long as jobs keep them.',
    reason: 'after an upgrade all nodes get the new executor, one after the other, and no job is touched',
    effect: {
      tooSmall: 'an upgrade takes long to reach every node',
      tooLarge: 'idle nodes are missing when the next jobs come',
    },
  }),
  'policy.brakeShare': option({
    kind: whole('percent', 1, 100),
    default: '50',
    what: 'Percent of our nodes that answers of pbs_server or Mesos may speak against; beyond, their removal has to be confirmed. 100 switches the brake off.',
    reason:
      'an answer that takes more than half of the nodes away is rather wrong than true; idle nodes are not counted',
    effect: {
      tooSmall: 'an ordinary loss of a rack waits for a person',
      tooLarge: 'a wrong answer takes many nodes away before anybody looks',
    },
  }),
  'policy.brakeNodesMin': option({
    kind: whole('nodes', 1, 65_535),
    default: '5',
    what: 'Nodes that must be affected at the least before their removal has to be confirmed.',
    reason: 'in a cluster of a few nodes one that dies is a large share already',
    effect: {
      tooSmall: 'small clusters wait for a person when a machine dies',
      tooLarge: 'small clusters have no brake',
    },
  }),
  'policy.ownerMark': option({
    kind: text(
      'mark',
      /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/,
      'give 1 to 40 letters, digits, hyphens or underscores',
    ),
    default: 'mesos-torque',
    what: "The first word of a node's requestid by which we know it as ours.",
    reason: 'says who made the node to whoever reads pbsnodes',
    effect: null,
  }),
} as const;
