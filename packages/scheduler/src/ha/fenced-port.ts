/**
 * A port that acts only while we lead. A process may be stopped at any line and go on minutes later, when
 * another one leads; whatever it was about to do then is refused here, at the last moment.
 */
import type { RunCommand } from '@mesos-torque/common/run-command.ts';
import type { Outcome } from '../loop/ports.ts';
import type { LaunchDaemon } from '../torque/server/launch.ts';

type Act = (...args: readonly unknown[]) => unknown;

/**
 * Every method is an act and needs leave, except those named: what a port learns to do later is fenced
 * without a change here. All acts of our ports resolve to an `Outcome`, and so does a refusal.
 */
export function fencedPort<P extends object>(
  port: P,
  harmless: readonly (keyof P & string)[],
  mayAct: () => boolean,
): P {
  return new Proxy(port, {
    get(target, name): unknown {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      // Methods with private fields work on their own object only, not on the proxy.
      const act: Act = (...args) => Reflect.apply(member, target, args) as unknown;
      if (harmless.some((known) => known === name)) return act;
      return (...args: readonly unknown[]) => (mayAct() ? act(...args) : refused(String(name)));
    },
  });
}

/** TORQUE's commands one by one: what takes several ends in the middle, whoever asked for it. */
export function fencedRun(run: RunCommand, mayAct: () => boolean): RunCommand {
  return (argv, options) =>
    mayAct() ? run(argv, options) : Promise.resolve({ kind: 'spawn-failed', error: deposed });
}

/** Daemons are started by the leader only. */
export function fencedLaunch(launch: LaunchDaemon, mayAct: () => boolean): LaunchDaemon {
  return (argv, options) =>
    mayAct()
      ? launch(argv, options)
      : {
          pid: null,
          ended: Promise.resolve({ kind: 'spawn-failed', error: deposed }),
          words: () => '',
        };
}

const deposed = 'this scheduler does not lead any more';

function refused(act: string): Promise<Outcome<never>> {
  const detail = `${act} was not done: ${deposed}`;
  return Promise.resolve({ ok: false, problem: { kind: 'refused', detail } });
}
