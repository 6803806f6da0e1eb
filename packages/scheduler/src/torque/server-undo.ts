/**
 * Takes back what set-ups changed, and only that: a value that is neither what we set nor what was there
 * before is somebody's own, and stays.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { SetupChange, SetupStep } from './server-setup.ts';
import {
  isSameTarget,
  targetText,
  valueOf,
  type ServerView,
  type SetupTarget,
  type SetupValue,
} from './server-view.ts';

/** A value that was changed by others after us. */
export interface UndoConflict {
  readonly target: SetupTarget;
  readonly found: SetupValue;
  /** What we had set. */
  readonly ours: SetupValue;
  /** What was there before us. */
  readonly before: SetupValue;
}

export interface UndoPlan {
  /** In the order in which they are to be done: the last change is taken back first. */
  readonly steps: readonly SetupStep[];
  /** Targets that are as they were before us already. */
  readonly asBefore: readonly SetupTarget[];
  readonly conflicts: readonly UndoConflict[];
}

/** `changes` as recorded, oldest first. */
export function planUndo(view: ServerView, changes: readonly SetupChange[]): UndoPlan {
  const steps: SetupStep[] = [];
  const asBefore: SetupTarget[] = [];
  const conflicts: UndoConflict[] = [];
  for (const target of targetsLastFirst(changes)) {
    const own = changes.filter((change) => isSameTarget(change.target, target));
    const found = valueOf(view, target);
    const traced = traceBack(target, found, own);
    if (!traced.ok) conflicts.push({ target, found, ours: traced.at.after, before: traced.at.before });
    else if (isSame(target, found, traced.value)) asBefore.push(target);
    else steps.push(stepBack(target, found, traced.value));
  }
  return { steps, asBefore, conflicts };
}

/** The changes that are still to be taken back once the plan was carried out. */
export function changesLeft(plan: UndoPlan, changes: readonly SetupChange[]): readonly SetupChange[] {
  return changes.filter(({ target }) =>
    plan.conflicts.some((conflict) => isSameTarget(conflict.target, target)),
  );
}

function targetsLastFirst(changes: readonly SetupChange[]): readonly SetupTarget[] {
  const last = new Map(changes.map(({ target }, index) => [targetText(target), index]));
  return changes
    .filter(({ target }, index) => last.get(targetText(target)) === index)
    .map(({ target }) => target)
    .reverse();
}

/** From what is there now back through our changes; one that never took effect is passed over. */
function traceBack(
  target: SetupTarget,
  found: SetupValue,
  own: readonly SetupChange[],
): { readonly ok: true; readonly value: SetupValue } | { readonly ok: false; readonly at: SetupChange } {
  let value = found;
  for (const change of own.toReversed()) {
    if (isSame(target, value, change.after)) value = change.before;
    else if (!isSame(target, value, change.before)) return { ok: false, at: change };
  }
  return { ok: true, value };
}

function isSame(target: SetupTarget, a: SetupValue, b: SetupValue): boolean {
  return standing(target, a) === standing(target, b);
}

/**
 * What holds where nothing is set, for attributes that cannot be unset: `unset server scheduler_iteration` of
 * 6.1.3 exits 0 and leaves the value.
 */
const standingValues: Readonly<Record<string, string>> = {
  scheduler_iteration: '600',
  node_check_rate: '150',
  scheduling: 'False',
};

function standing(target: SetupTarget, value: SetupValue): SetupValue {
  return value ?? (target.kind === 'server' ? (standingValues[target.attribute] ?? null) : null);
}

function stepBack(target: SetupTarget, found: SetupValue, before: SetupValue): SetupStep {
  const after = standing(target, before);
  const was = before === null ? 'was not there' : `was ${before}`;
  const why =
    before === null && after !== null
      ? `it was not set; ${after} is what TORQUE takes then, and it cannot be unset`
      : `it ${was} before`;
  return { sentence: sentenceBack(target, after), why, change: { target, before: found, after } };
}

function sentenceBack(target: SetupTarget, after: SetupValue): string {
  switch (target.kind) {
    case 'server':
      return after === null ? `unset server ${target.attribute}` : `set server ${target.attribute}=${after}`;
    case 'manager':
      return `set server managers -= ${target.user}`;
    case 'queue':
      return `delete queue ${target.queue}`;
    case 'node':
      return after === null
        ? `delete node ${target.node}`
        : `set node ${target.node} ${/^np=[0-9]+/.exec(after)?.[0] ?? ''}`;
    default:
      return unreachable(target);
  }
}
