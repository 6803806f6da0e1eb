/**
 * What the administrator allows and wants, after configuration was read and checked: nothing is
 * optional here. Explanations, defaults and reasons of the options are in `config.ts`.
 */
import type { Constraint } from './constraints.ts';
import type { RoleLimit } from './role-limits.ts';
import type { ResourceKind, ResourceVector } from '@mesos-torque/common/units.ts';

export interface Policy {
  /** Nodes held even when nothing waits (the floor); MIN_SLOTS_HELD of the tradition. */
  readonly minSlotsHeld: number;
  /** The least a node is made of: slots, and memory in MiB; MIN_COMPUTE_NODE of the tradition. */
  readonly minComputeNode: { readonly np: number; readonly memMib: number };
  /** What we never exceed, launches in flight included. Null: this kind is not limited. */
  readonly safeAllocation: {
    readonly cpuMilli: number | null;
    readonly memMib: number | null;
    readonly diskMib: number | null;
    readonly gpus: number | null;
    readonly nodes: number | null;
  };
  /** Kinds of which the Mesos role allows less than was configured, and by what; reasons then name that. */
  readonly limitedBy: Readonly<Partial<Record<ResourceKind, RoleLimit>>>;
  /** `fit`: a node gets the slots that waiting jobs need there; `whole`: all that the offer holds. */
  readonly nodeSize: 'fit' | 'whole';
  /** Slots of one node at the most. */
  readonly npMax: number;
  /** Processor that one slot stands for, in thousandths. */
  readonly cpuMilliPerSlot: number;
  /** Memory set aside for a slot whose job asks for none, in MiB. */
  readonly memMibPerSlot: number;
  /** What the executor itself and its mom take on top of the slots. */
  readonly executor: ResourceVector;
  /** Whether moms listen on ports taken from the offer, or on TORQUE's own (15002, 15003). */
  readonly portsFromOffer: boolean;
  /** Attributes of agents that become node properties: the value, or the name where it is `true`. */
  readonly propertyAttributes: readonly string[];
  /** What agents must be like, and how nodes are spread over them. */
  readonly constraints: readonly Constraint[];
  /** Idle time before a node above the floor is drained. */
  readonly idleMs: number;
  /** Nodes being started at once, at the most. */
  readonly launchesInFlightMax: number;
  /** From launch to TASK_STARTING; then the task is given up. */
  readonly launchTimeMsMax: number;
  /** From TASK_STARTING to a free node; then it is given up. */
  readonly registerTimeMsMax: number;
  /** How long an offer is declined that we have no use for. */
  readonly declineIdleS: number;
  /** How long an offer is declined that is too small or unsuitable for what waits now. */
  readonly declineUnfitS: number;
  /** How long offers may be held for a job of several nodes that is not complete yet. */
  readonly gangHoldMs: number;
  /** REVIVE is sent at most once in this time ... */
  readonly reviveIntervalMs: number;
  /** ... and at most so often for one need, until offers come. */
  readonly revivesUnansweredMax: number;
  /** Repetition of orders whose effect is not seen: START_MOM, KILL, node acts, scheduling kicks. */
  readonly repeatMs: number;
  /** How long the executor has to end a mom that is being killed. */
  readonly killGraceMs: number;
  /** First back-off after a failed launch on an agent; doubles up to `agentBackoffMsMax`. */
  readonly agentBackoffMs: number;
  readonly agentBackoffMsMax: number;
  /** After so many failures in a row an agent is in quarantine ... */
  readonly quarantineFailures: number;
  /** ... for so long; then one launch decides. */
  readonly quarantineMs: number;
  /** So long before announced maintenance the nodes of an agent take no jobs any more, at the least. */
  readonly maintenanceLeadMs: number;
  /** Acts on TORQUE nodes in one pass, at the most. */
  readonly nodeActsMax: number;
  /** The share of our nodes, from 0 to 1, that answers may speak against before the brake holds ... */
  readonly brakeShare: number;
  /** ... which it does for so many nodes at the least, so that small clusters are not hindered. */
  readonly brakeNodesMin: number;
  /**
   * What tells the executor that launches get now from others: its content where we serve it, its address where the
   * site does. Null: not known, and no node is taken for outdated.
   */
  readonly executorId: string | null;
  /** Idle nodes with another executor that are replaced at the same time; 0: they stay. */
  readonly upgradesAtOnceMax: number;
  /** The mark in `requestid`: who made the node. Framework ids are added per node. */
  readonly ownerMark: string;
  /** Names of nodes that are not ours to count on: the placeholder that keeps large jobs queued. */
  readonly placeholderNodes: readonly string[];
}
