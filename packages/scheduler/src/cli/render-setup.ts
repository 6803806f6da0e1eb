/** What a set-up of pbs_server did or would do, for people. */
import type { SetupReport } from '../setup/run-setup.ts';
import type { UndoConflict } from '../torque/server-undo.ts';
import { targetText } from '../torque/server-view.ts';
import { table } from './table.ts';
import { clean } from './terminal.ts';

export function renderSetup(report: SetupReport): string {
  return [
    steps(report),
    right(report),
    ...report.conflicts.map(conflict),
    problem(report),
    hint(report),
  ].join('');
}

function steps({ act, dryRun, steps: all, problem: wrong, conflicts }: SetupReport): string {
  if (all.length > 0) {
    const head = heading(act, dryRun, wrong !== null);
    const lines = all.map(({ sentence, why }) => `  qmgr -c '${clean(sentence)}'\n      ${clean(why)}\n`);
    return `${head}\n${lines.join('')}`;
  }
  if (wrong !== null || conflicts.length > 0) return '';
  return act === 'apply'
    ? 'pbs_server has all that is wanted; nothing to do.\n'
    : 'Nothing to take back: pbs_server has the values that were there before us.\n';
}

function heading(act: SetupReport['act'], dryRun: boolean, failed: boolean): string {
  if (failed) return act === 'apply' ? 'To be done:' : 'To be taken back:';
  if (dryRun) return act === 'apply' ? 'Would be done:' : 'Would be taken back:';
  return act === 'apply' ? 'Done:' : 'Taken back:';
}

function right({ right: all }: SetupReport): string {
  if (all.length === 0) return '';
  const rows = all.map(({ what, found, why }) => [what, found, why]);
  return `\nRight already:\n${table(['WHAT', 'VALUE', 'BECAUSE'], rows)}`;
}

function conflict({ target, found, ours, before }: UndoConflict): string {
  const said = (value: string | null): string => (value === null ? 'not set' : `"${value}"`);
  const sentence =
    `Left alone: ${targetText(target)} reads ${said(found)}; we had set ${said(ours)}, and before us it was ${said(before)}. ` +
    'Somebody has changed it since.';
  return `\n${clean(sentence)}\n`;
}

function problem({ problem: wrong, remedy }: SetupReport): string {
  if (wrong === null) return '';
  const what = remedy === null ? '' : `\nRemedy: ${clean(remedy)}`;
  return `\nNot done: ${clean(wrong)}${what}\n`;
}

function hint({ act, dryRun, steps: all, problem: wrong }: SetupReport): string {
  if (wrong !== null || all.length === 0) return '';
  if (dryRun) return '\nNothing was changed. Without --dry-run it is done.\n';
  return act === 'apply'
    ? '\nThe values of before are kept: mesos-torque setup --undo brings them back.\n'
    : '';
}
