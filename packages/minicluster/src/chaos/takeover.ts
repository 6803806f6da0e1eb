/** One scheduler leading after another, and what may be promised of how long that takes. */

/** Wall clock. Milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Takeover {
  /** From the leader's death until another one led. */
  readonly span: Span;
  /** Whether another one stood for election when the leader died; the promise holds for nothing else. */
  readonly hadStandby: boolean;
}

export type TakeoverKind = 'promised' | 'without-standby' | 'without-zookeeper';

export interface TimedTakeover {
  readonly kind: TakeoverKind;
  readonly ms: number;
}

/**
 * Nobody can be elected without ZooKeeper; once it is back it counts the time of each session, the dead leader's too, from
 * its beginning.
 */
export function timed(
  { span, hadStandby }: Takeover,
  zooKeeperAway: readonly Span[],
  sessionTimeoutMs: number,
): TimedTakeover {
  const ms = span.untilMs - span.fromMs;
  const isHit = zooKeeperAway.some(
    (away) => away.fromMs < span.untilMs && span.fromMs < away.untilMs + sessionTimeoutMs,
  );
  if (isHit) return { kind: 'without-zookeeper', ms };
  return { kind: hadStandby ? 'promised' : 'without-standby', ms };
}
