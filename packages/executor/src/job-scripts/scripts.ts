/**
 * The scripts that pbs_mom runs around each job: `prologue` and `epilogue` on the mother superior, the
 * `.parallel` ones on its sisters, all as root. Ours end what a job has left behind, start and end the
 * ring of an old MPI, and call the administrator's own lines before and after.
 *
 * What pbs_mom 6.1.3 wants of them: a file of root's, read and executable for root, writable for nobody
 * else; otherwise the job is requeued in a loop (exit status -14). It reads them anew for each job.
 * A prologue that exits 1 ends the job, any other code but 0 requeues it. What an epilogue exits with is
 * only logged. After a prologue that failed no epilogue is run.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import { cleanUpText } from './clean-up.ts';
import { mpdText } from './mpd-ring.ts';
import { quoteForShell } from './shell-text.ts';

export const scriptNames = ['prologue', 'prologue.parallel', 'epilogue', 'epilogue.parallel'] as const;
export type ScriptName = (typeof scriptNames)[number];

export type HookPoint = 'before' | 'after';

/** The administrator's lines around one script: sh, or another interpreter where the first line says so. */
export interface Hook {
  readonly script: ScriptName;
  readonly point: HookPoint;
  readonly lines: readonly string[];
}

export interface ScriptFile {
  /** Below mom_priv. */
  readonly name: string;
  readonly text: string;
}

/** The mom's home as pbs_mom knows it, and what is in the environment of jobs of our framework. */
export interface HomeOfJobs {
  readonly path: string;
  readonly frameworkMark: `${string}=${string}`;
}

/** All files, ours and the hooks. */
export function scriptFiles(home: HomeOfJobs, hooks: readonly Hook[], mpd: boolean): readonly ScriptFile[] {
  const ours = scriptNames.map((name) => ({ name, text: scriptText(name, home, hooks, mpd) }));
  const theirs = hooks.map((hook) => ({ name: hookFile(hook.script, hook.point), text: hookText(hook) }));
  return [...ours, ...theirs];
}

function hookFile(script: ScriptName, point: HookPoint): string {
  return `hooks/${script}.${point}`;
}

function hookText({ lines }: Hook): string {
  const interpreter = lines[0]?.startsWith('#!') === true ? [] : ['#!/bin/sh'];
  return [...interpreter, ...lines, ''].join('\n');
}

function scriptText(name: ScriptName, home: HomeOfJobs, hooks: readonly Hook[], mpd: boolean): string {
  const calls = (point: HookPoint): readonly string[] =>
    hooks.some((hook) => hook.script === name && hook.point === point)
      ? [`site "$home/mom_priv/${hookFile(name, point)}" "$@"`]
      : [];
  return [
    '#!/bin/sh',
    '# Written by mesos-torque for one pbs_mom, and removed with it. The lines of the site come from its',
    '# configuration, executor.hooks.',
    `home=${quoteForShell(home.path)}`,
    `framework=${quoteForShell(home.frameworkMark)}`,
    `script=${name}`,
    'job=$1 user=$2',
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    'export PATH',
    '',
    preludeText,
    ...(isEpilogue(name) ? [cleanUpText] : []),
    ...(mpd ? [mpdText(name)] : []),
    ...(isEpilogue(name)
      ? epilogueSteps(calls, mpd, 'end_leftovers "$job" "$user"')
      : prologueSteps(calls, mpd)),
    '',
  ].join('\n');
}

function isEpilogue(name: ScriptName): boolean {
  switch (name) {
    case 'epilogue':
    case 'epilogue.parallel':
      return true;
    case 'prologue':
    case 'prologue.parallel':
      return false;
    default:
      return unreachable(name);
  }
}

/** The first step that fails is the end: its code is for TORQUE. What ours has begun is taken back. */
function prologueSteps(calls: (point: HookPoint) => readonly string[], mpd: boolean): readonly string[] {
  return [
    ...calls('before').map((call) => `${call} || exit $?`),
    ...(mpd ? ['start_ring "$job" "$user"'] : []),
    ...calls('after').map(
      (call) => `${call} || { code=$?; ${mpd ? 'end_ring "$job" "$user"; ' : ''}exit $code; }`,
    ),
    'exit 0',
  ];
}

/** Every step is taken, whatever came of the others; the first failure is what pbs_mom logs. */
function epilogueSteps(
  calls: (point: HookPoint) => readonly string[],
  mpd: boolean,
  cleanUp: string,
): readonly string[] {
  return [
    'code=0',
    ...calls('before').map((call) => `${call} || code=$?`),
    ...(mpd ? ['end_ring "$job" "$user"'] : []),
    cleanUp,
    ...calls('after').map((call) => `${call} || { failed=$?; [ $code -ne 0 ] || code=$failed; }`),
    'exit $code',
  ];
}

/**
 * `say` writes into a file beside the mom's log, which the executor follows; `site` runs lines of the
 * site in pbs_mom's own surroundings.
 */
const preludeText = `say() {
  printf '%s %s %s: %s\\n' "$(date +%Y-%m-%dT%H:%M:%S)" "$script" "$job" "$1" >> "$home/job-scripts.log"
}

site() {
  "$@"
  site_code=$?
  [ $site_code -eq 0 ] || say "$1 exited $site_code"
  return $site_code
}
`;
