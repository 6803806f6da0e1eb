/** Which faults a round has, drawn from its seed before it begins. */
import { seeded, type Random } from './random.ts';

/** After the event was journalled so often in this round, and a little later. */
export interface Trigger {
  readonly event: string;
  readonly times: number;
  readonly thenMs: number;
}

export type FaultKind =
  | 'kill-leader'
  | 'stop-leader'
  | 'kill-master'
  | 'kill-agent'
  | 'kill-server'
  | 'stop-server'
  | 'kill-zookeeper';

export interface Fault {
  readonly kind: FaultKind;
  readonly trigger: Trigger;
  /** Until what was killed is started again, or what was stopped goes on. Milliseconds. */
  readonly downMs: number;
  /** Which of several. */
  readonly which: number;
}

/** The points at which something was decided and, it may be, not yet done: each is a line of the journal. */
const growing = [
  'offers received',
  'task launched',
  'node created',
  'task status',
  'mom start ordered',
] as const;
const shrinking = ['node set offline', 'node deleted', 'task kill ordered', 'node forgotten'] as const;

const others = ['kill-master', 'kill-agent', 'kill-server', 'stop-server'] as const;
const othersWithHa = [...others, 'stop-leader', 'kill-zookeeper'] as const;

/** The leader dies once while the cluster grows and once while it shrinks, and something else does in between. */
export function planRound(seed: number, round: number, ha: boolean): readonly Fault[] {
  const random = seeded(seed * 1_000_003 + round);
  return [
    killLeader(growing[round % growing.length] ?? growing[0], random),
    otherFault(random, ha),
    killLeader(shrinking[round % shrinking.length] ?? shrinking[0], random),
  ];
}

function killLeader(event: string, random: Random): Fault {
  return {
    kind: 'kill-leader',
    trigger: { event, times: random.integer(1, 3), thenMs: random.integer(0, 80) },
    downMs: random.integer(0, 4_000),
    which: 0,
  };
}

function otherFault(random: Random, ha: boolean): Fault {
  const event = random.pick([...growing, ...shrinking]);
  return {
    kind: random.pick(ha ? othersWithHa : others),
    trigger: { event, times: random.integer(1, 3), thenMs: random.integer(0, 3_000) },
    downMs: random.integer(300, 3_000),
    which: random.integer(0, 3),
  };
}

export function faultText({ kind, trigger }: Fault): string {
  return `${kind} at ${trigger.event} ${String(trigger.times)} +${String(trigger.thenMs)} ms`;
}
