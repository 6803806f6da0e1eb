/** Carries out what `planSetup` or `planUndo` found: recorded before it is done, and looked at afterwards. */
import { messageOf } from '@mesos-torque/common/text.ts';
import type { Outcome } from '../loop/ports.ts';
import { tryRights } from './rights.ts';
import {
  isSchedulingStep,
  planSetup,
  type SetupChange,
  type SetupStep,
  type WantedSetup,
} from './server-setup.ts';
import { readServer, targetText, valueOf, type SetupServer } from './server-view.ts';
import { during, failed } from './torque-commands.ts';

/** One record for each pbs_server: what was changed on one is no business of another. */
export interface SetupRecords {
  /** `server`: as it names itself, see `ServerView`. */
  of(server: string | null): SetupRecord;
}

/** What set-ups have changed, kept for undoing it. */
export interface SetupRecord {
  /** All changes since the last undo, oldest first. Rejects when it cannot be read. */
  load(): Promise<readonly SetupChange[]>;
  /** Resolves once they are on disk behind those before; rejects when they are not, and then nothing is changed. */
  append(changes: readonly SetupChange[]): Promise<void>;
}

/**
 * Reads what the server has, and does what is missing. `makeSafe` comes before pbs_sched is let loose: after a start
 * of the server it deletes jobs that are larger than the cluster until nodect was read. Returns the steps done.
 */
export async function applySetup(
  torque: SetupServer,
  wanted: WantedSetup,
  records: SetupRecords,
  makeSafe: () => Promise<Outcome<null>>,
): Promise<Outcome<readonly SetupStep[]>> {
  const view = await readServer(torque);
  if (!view.ok) return view;
  const record = records.of(view.value.name);
  const recorded = await loaded(record);
  if (!recorded.ok) return recorded;
  const plan = planSetup(view.value, wanted, recorded.value);
  if (!plan.ok) return failed('conflict', `setting up pbs_server: ${plan.why}; ${plan.remedy}`);
  const before = plan.steps.filter((step) => !isSchedulingStep(step));
  const done = await applyPlanned(torque, before, record);
  if (!done.ok || before.length === plan.steps.length) return done;
  const safe = await makeSafe();
  if (!safe.ok) return during('setting up pbs_server: scheduling stays off', safe.problem);
  const on = await applyPlanned(torque, plan.steps.filter(isSchedulingStep), record);
  return on.ok ? { ok: true, value: [...done.value, ...on.value] } : on;
}

/** Does the steps if we may do all of them; `record` keeps them first, where they are to be undone one day. */
export async function applyPlanned(
  torque: SetupServer,
  steps: readonly SetupStep[],
  record: SetupRecord | null = null,
): Promise<Outcome<readonly SetupStep[]>> {
  if (steps.length === 0) return { ok: true, value: [] };
  const may = await mayChange(torque, steps);
  if (!may.ok) return may;
  const kept = record === null ? null : await announce(record, steps);
  return kept?.ok === false ? kept : carryOut(torque, steps);
}

/** Does the steps in order and stops at the first that fails; then reads back whether they took effect. */
async function carryOut(
  torque: SetupServer,
  steps: readonly SetupStep[],
): Promise<Outcome<readonly SetupStep[]>> {
  for (const [index, { sentence }] of steps.entries()) {
    const done = await torque.commands.qmgr(sentence);
    if (done.ok) continue;
    const which = `step ${index + 1} of ${steps.length}`;
    return during(`setting up pbs_server, ${which}: ${sentence}`, done.problem);
  }
  const view = await readServer(torque);
  if (!view.ok) return during('looking whether the set-up took effect', view.problem);
  for (const { sentence, change } of steps) {
    const found = valueOf(view.value, change.target);
    if (found === change.after) continue;
    const state = found === null ? 'is not set' : `reads ${found}`;
    return failed(
      'refused',
      `setting up pbs_server: ${sentence}: qmgr exited 0, but ${targetText(change.target)} ${state}`,
    );
  }
  return { ok: true, value: steps };
}

/**
 * Trying and failing would not be harmless: an operator's `set server resources_available.nodect`, which
 * 6.1.3 refuses, makes it forget the nodect it shows, and then qsub refuses jobs larger than the cluster.
 */
async function mayChange(torque: SetupServer, steps: readonly SetupStep[]): Promise<Outcome<null>> {
  const rights = await tryRights(torque);
  if (!rights.ok) return rights;
  switch (rights.value) {
    case 'manager':
      return { ok: true, value: null };
    case 'manager-with-hierarchy':
      if (!steps.some(makesOrRemovesNode)) return { ok: true, value: null };
      return failed(
        'conflict',
        'setting up pbs_server: its server_priv/mom_hierarchy file forbids to create and delete nodes; move it away and restart pbs_server',
      );
    case 'operator':
      return failed('refused', 'setting up pbs_server: this user is an operator, and it takes a manager');
    case 'none':
      return failed('refused', 'setting up pbs_server: this user is no manager');
  }
}

function makesOrRemovesNode({ change }: SetupStep): boolean {
  return change.target.kind === 'node' && (change.before === null || change.after === null);
}

async function loaded(record: SetupRecord): Promise<Outcome<readonly SetupChange[]>> {
  try {
    return { ok: true, value: await record.load() };
  } catch (error) {
    return failed('garbled', `setting up pbs_server: ${messageOf(error)}`);
  }
}

async function announce(record: SetupRecord, steps: readonly SetupStep[]): Promise<Outcome<null>> {
  try {
    await record.append(steps.map(({ change }) => change));
    return { ok: true, value: null };
  } catch (error) {
    return failed(
      'refused',
      `setting up pbs_server: nothing was changed, for what would undo it cannot be kept: ${messageOf(error)}`,
    );
  }
}
