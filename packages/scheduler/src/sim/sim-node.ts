/** A node as pbs_server has it, with what only the simulation knows. */
export interface SimNode {
  readonly name: string;
  readonly kind: 'static' | 'elastic' | 'placeholder';
  readonly np: number;
  readonly properties: readonly string[];
  readonly requestId: string | null;
  /** When the administrator last set it offline. */
  markedAtMs: number;
  /** Nodes that were announced while it was offline by us: its mom knows none of them. */
  missed: ReadonlySet<string>;
  offline: 'no' | 'by-us' | 'by-administrator';
  /** Until pbs_server has sent the host list, on its own beat of 10 s. */
  listSent: boolean;
  /** pbs_server hears its mom. */
  heard: boolean;
  readonly jobs: Map<string, number>;
}

export function usedSlots(node: Pick<SimNode, 'jobs'>): number {
  let used = 0;
  for (const slots of node.jobs.values()) used += slots;
  return used;
}
