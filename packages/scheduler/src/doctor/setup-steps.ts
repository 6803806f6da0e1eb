/** Whether pbs_server has what an elastic cluster needs of it. */
import { planSetup, type SetupPlan, type WantedSetup } from '../torque/server-setup.ts';
import type { ServerView } from '../torque/server-view.ts';
import { ok, warning, wrong, type Verdict } from './check.ts';

/** `isManaged`: the scheduler sets it up by itself when it starts. */
export function judgeSetup(view: ServerView, wanted: WantedSetup, isManaged: boolean): Verdict {
  const plan: SetupPlan = planSetup(view, wanted);
  if (!plan.ok) return wrong(plan.why, plan.remedy);
  if (plan.steps.length === 0) return ok(plan.right.map(({ what, found }) => `${what} ${found}`).join(', '));
  const missing = `missing: ${plan.steps.map(({ sentence }) => sentence).join('; ')}`;
  return isManaged
    ? warning(
        `${missing} (the scheduler does it when it starts)`,
        'mesos-torque setup --dry-run says why each is wanted; without --dry-run it is done now',
      )
    : wrong(missing, 'mesos-torque setup (with --dry-run it says why each is wanted)');
}
