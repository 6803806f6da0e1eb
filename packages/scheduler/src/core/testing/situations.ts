/**
 * Ten reasons for which job 42 waits, each as a scenario, and the sentence that every way of asking must end in. Used
 * where API, command line and dashboard are compared.
 */
export interface Situation {
  readonly name: string;
  /** What was before, where that matters: offers that were declined since. */
  readonly before: string | null;
  readonly scenario: string;
  readonly sentence: string;
}

/** Two nodes that are full, as on any day. */
const busy = `
job 7 state=running on=n1
job 8 state=running on=n2
node n1 np=4 phase=up states=job-exclusive jobs=7
node n2 np=4 phase=up states=job-exclusive jobs=8
`;

export const situations: readonly Situation[] = [
  {
    name: 'limits',
    before: null,
    scenario: `${busy}queue batch maxRunning=2\njob 42 nodes=1:ppn=4\noffer a cpus=16`,
    sentence:
      'Job 42 does not wait for nodes: queue batch: 2 jobs run, max_running is 2; it is its turn when others have ended, or when the limit is raised with qmgr.',
  },
  {
    name: 'properties',
    before: null,
    scenario: `${busy}policy propertyAttributes=kind\njob 42 nodes=1:ppn=4:bigmem\noffer a cpus=16 attributes=kind:fast\noffer b cpus=8 attributes=kind:fast`,
    sentence:
      'Job 42 waits: none of 2 offers fits; the closest: property bigmem: agent agent-of-b does not have it; it starts when an agent that has it offers (properties are what agents have in kind: policy.propertyAttributes).',
  },
  {
    name: 'memory',
    before: null,
    scenario: `${busy}job 42 nodes=1:ppn=4 mem=65504\noffer a cpus=16 mem=48000\noffer b cpus=16 mem=32000`,
    sentence:
      'Job 42 waits: none of 2 offers fits; the closest: memory: asked 65,536 MiB, offer had 48,000, short by 17,536, agent agent-of-a; it starts when an agent offers what is missing.',
  },
  {
    name: 'quarantine',
    before: null,
    scenario: `${busy}policy quarantineFailures=3\njob 42 nodes=1:ppn=4\noffer a cpus=16\ntrouble agent-of-a failures=3 last=60 message="pbs_mom exited 3"`,
    sentence:
      'Job 42 waits: the one offer does not fit: agent agent-of-a is in quarantine: 3 launches failed there in a row (180 s, 120 s, 60 s ago "pbs_mom exited 3"); one is tried again in 3,540 s; it starts when the quarantine ends (at once with mesos-torque repair --yes --clear-agent), or when another agent offers enough.',
  },
  {
    name: 'hold',
    before: null,
    scenario: `${busy}job 42 state=held holds=uo nodes=1:ppn=4\noffer a cpus=16`,
    sentence:
      'Job 42 does not wait for nodes: it is held by the user and an operator; qrls -h uo 42 releases it.',
  },
  {
    name: 'safe allocation',
    before: null,
    scenario: `${busy}policy cpus=10\njob 42 nodes=1:ppn=4\noffer a cpus=16`,
    sentence:
      'Job 42 waits: safeAllocation: cpus asked 4.1 cpus, 1.8 cpus left of 10 cpus, short by 2.3 cpus; it starts when other nodes leave, or when policy.safeAllocation is raised.',
  },
  {
    name: 'quota',
    before: null,
    scenario: `${busy}policy cpus=100\nquota cpus=10\njob 42 nodes=1:ppn=4\noffer a cpus=16`,
    sentence:
      'Job 42 waits: quota of the Mesos role: cpus asked 4.1 cpus, 1.8 cpus left of 10 cpus, short by 2.3 cpus; it starts when other nodes leave, or when the quota is raised in Mesos.',
  },
  {
    name: 'no offers',
    before: `${busy}job 42 nodes=1:ppn=8\noffer a cpus=4\noffer b cpus=6`,
    scenario: `${busy}job 42 nodes=1:ppn=8`,
    sentence:
      'Job 42 waits: no free slots fit it, and Mesos offers nothing at this moment; of 2 agents that offered lately, the nearest: cpus: asked 8.1 cpus, offer had 6, short by 2.1, agent agent-of-b; it starts when Mesos offers enough.',
  },
  {
    name: 'unknown host',
    before: null,
    scenario: `${busy}job 42 nodes=node77\noffer a cpus=16\noffer b cpus=16`,
    sentence:
      'Job 42 waits: host: asked node77, and none of 2 offers is of it: they are of a, b; it starts when that host offers, or asks for another after qalter -l nodes=… 42.',
  },
  {
    name: "TORQUE's own policy",
    before: null,
    scenario: `${busy}job 42 nodes=1:ppn=4 comment="Not Running: Dedicated time conflict"\noffer a cpus=16`,
    sentence:
      'Job 42 waits for something else than nodes: "Not Running: Dedicated time conflict"; these are the words of TORQUE\'s own scheduler, and no node would change them.',
  },
];
