/**
 * The life of an elastic node. The phase is *derived* from the intent, the task and the TORQUE node,
 * so that a restarted scheduler derives the same phase.
 *
 *     launching → starting → registering → up ⇄ draining → leaving → gone
 *          \___________\___________\_______ \__ suspect (unreachable, unhealthy, ended) → up | gone
 */

/** See `docs/ARCHITECTURE.md` for what each phase is derived from. */
export type Phase =
  'launching' | 'starting' | 'registering' | 'up' | 'draining' | 'leaving' | 'suspect' | 'gone';
