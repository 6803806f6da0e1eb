/** The administrator's hooks as they come with the orders of a task. */
import { quote } from '@mesos-torque/common/text.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import { JobHookPoint } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import type { JobHook } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { scriptNames } from './scripts.ts';
import type { Hook, HookPoint } from './scripts.ts';

export type HooksReading =
  { readonly ok: true; readonly hooks: readonly Hook[] } | { readonly ok: false; readonly error: string };

const linesMax = 1000;
const lineCharsMax = 4000;

/** The first fault is told; it quotes the value. */
export function readHooks(given: readonly JobHook[]): HooksReading {
  const hooks: Hook[] = [];
  for (const hook of given) {
    const script = scriptNames.find((name) => name === hook.script);
    const point = pointOf(hook.point);
    if (script === undefined) return fault(`${quote(hook.script)} is none of ${scriptNames.join(', ')}`);
    if (point === null) return fault(`${script}: neither before nor after`);
    if (hooks.some((other) => other.script === script && other.point === point)) {
      return fault(`${script}: there are two hooks ${point} it`);
    }
    if (hook.lines.length > linesMax) return fault(`${script}: more than ${linesMax} lines`);
    const bad = hook.lines.find((line) => line.length > lineCharsMax || /[\0\n\r]/.test(line));
    if (bad !== undefined) return fault(`${script}: ${quote(bad, 60)} is not one line of text`);
    if (hook.lines.length > 0) hooks.push({ script, point, lines: hook.lines });
  }
  return { ok: true, hooks };
}

function fault(why: string): HooksReading {
  return { ok: false, error: `job_hooks: ${why}` };
}

function pointOf(point: JobHookPoint): HookPoint | null {
  switch (point) {
    case JobHookPoint.JOB_HOOK_POINT_BEFORE:
      return 'before';
    case JobHookPoint.JOB_HOOK_POINT_AFTER:
      return 'after';
    case JobHookPoint.JOB_HOOK_POINT_UNSPECIFIED:
    case JobHookPoint.UNRECOGNIZED:
      return null;
    default:
      return unreachable(point);
  }
}
