/** A port whose calls are measured: how long each took and whether it failed, and how. */
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Outcome } from '../loop/ports.ts';

export interface CallMeasured {
  readonly call: string;
  readonly ms: number;
  /** Null where it succeeded. */
  readonly problem: string | null;
}

type Call = (...args: readonly never[]) => Promise<Outcome<unknown>>;

/** Calls that are named are measured; all else of the port is passed on as it is. */
export function timedPort<Port extends object>(
  port: Port,
  calls: readonly (keyof Port & string)[],
  clock: Clock,
  onCall: (measured: CallMeasured) => void,
): Port {
  const measured = new Set<string | symbol>(calls);
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const bound = (value as Call).bind(target);
      if (!measured.has(name)) return bound;
      return async (...args: readonly never[]) => {
        const begunMs = clock.nowMs();
        const outcome = await bound(...args);
        const problem = outcome.ok ? null : outcome.problem.kind;
        onCall({ call: String(name), ms: clock.nowMs() - begunMs, problem });
        return outcome;
      };
    },
  });
}
