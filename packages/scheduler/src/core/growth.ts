/** What `grow` found out: who is served by nodes to come, who waits and for what, and what becomes of offers. */
import type { FloorNeed } from './floor.ts';
import type { HeldAgent } from './holds.ts';
import type { RoomMade } from './make-room.ts';
import type { Obstacle } from './obstacle.ts';
import type { AgentOffer } from './offers.ts';
import type { OpenNode } from './opening.ts';
import type { PlacedJob } from './place.ts';
import type { Want } from './pool.ts';
import type { Reason } from './reasons.ts';

export interface Growth {
  /** Jobs that will run once coming and new nodes are up. */
  readonly served: readonly PlacedJob[];
  readonly waiting: readonly WaitingJob[];
  /** Nodes to launch now, in the order of their serial numbers. */
  readonly launches: readonly OpenNode[];
  /** Nodes found for a job of several nodes that must wait for launches in flight to end. */
  readonly deferred: readonly DeferredNode[];
  /** Offers kept for a job of several nodes, by agent id. */
  readonly held: ReadonlyMap<string, HeldAgent>;
  /** Offers that were kept for such a job long enough, by agent id. */
  readonly letGo: ReadonlyMap<string, Reason>;
  readonly agents: readonly AgentOffer[];
  readonly floor: FloorNeed;
  readonly room: RoomMade | null;
}

export interface WaitingJob extends Obstacle {
  readonly jobId: string;
  /** The same for jobs whose requests are equal. */
  readonly key: string;
  readonly queuedAtMs: number;
  readonly want: Want;
  /** Nodes (or slots, where these may be anywhere) that it lacks. */
  readonly short: number;
  /** Task ids of nodes of ours that it would use once the rest is there. */
  readonly partly: readonly string[];
}

export interface DeferredNode {
  readonly jobId: string;
  readonly node: OpenNode;
  readonly why: Reason;
}
