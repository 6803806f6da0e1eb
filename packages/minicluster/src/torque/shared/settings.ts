/**
 * What of the stand-in can be set: names, ports and the durations of TORQUE 6.1.3, whose defaults
 * are the real ones so that a story played here takes as long as there. Tests and demos shorten them.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface Settings {
  /** Name of the server's host; job ids end in it. */
  readonly serverName: string;
  /** TCP port of pbs_server on the loopback; 0 at installation takes a free one. */
  readonly serverPort: number;
  /** Whether clients ask for a running trqauthd, as the real ones do. */
  readonly trqauthd: 'needed' | 'not-needed';
  /** A new or deleted node changes the list of trusted hosts; it is sent this long after the first change. */
  readonly hostListDelayMs: number;
  /** How long pbs_server takes to delete a node. */
  readonly deleteNodeMs: number;
  /** What an offline node with a job takes longer, until its job is requeued. */
  readonly requeueOnDeleteMs: number;
  /** How long qmgr blocks when a busy node that is not offline is deleted. */
  readonly deleteBusyNodeMs: number;
  /** A mom without the list of trusted hosts asks again after this time. */
  readonly hostListRetryMs: number;
  /** A mom that ran before its node was created gets its list this long after it was taken in. */
  readonly lateHostListMs: number;
  /** How long pbs_mom tries to open a port that is in use. */
  readonly portInUseMs: number;
  /** From SIGTERM to SIGKILL when a job is deleted or over its walltime. */
  readonly killDelayMs: number;
  /** How long a mom waits before it asks a busy server again to take note of a job's end. */
  readonly obitRetryMs: number;
  /** Pause of momctl between its five attempts to reach a host whose name does not resolve. */
  readonly momctlRetryMs: number;
  /** How long qrun takes to give up on a job that is not there. */
  readonly qrunUnknownMs: number;
  /** The real pbs_mom refuses a home below a folder that everybody can write to, such as /tmp. */
  readonly homeBelowWorldWritable: 'refused' | 'allowed';
  /**
   * The real pbs_mom runs a job as its owner, for whom every folder above the home must be open;
   * otherwise the job fails with exit status -3 and is requeued. `ignored` suits a stand-in that
   * runs every job as the user it runs as itself.
   */
  readonly closedHomeFolders: 'fail-jobs' | 'ignored';
  /**
   * As whom jobs and their tasks run: `mom`, as whoever runs the stand-in, or `owner`, as with the real
   * pbs_mom, which takes root and users that the machine knows.
   */
  readonly jobAccount: 'mom' | 'owner';
}

export const defaultSettings: Settings = {
  serverName: 'head.torque.test',
  serverPort: 15001,
  trqauthd: 'needed',
  hostListDelayMs: 10_000,
  deleteNodeMs: 2_000,
  requeueOnDeleteMs: 2_000,
  deleteBusyNodeMs: 130_000,
  hostListRetryMs: 5_000,
  lateHostListMs: 60_000,
  portInUseMs: 3_000,
  killDelayMs: 2_000,
  obitRetryMs: 1_000,
  momctlRetryMs: 1_000,
  qrunUnknownMs: 4_500,
  homeBelowWorldWritable: 'refused',
  closedHomeFolders: 'ignored',
  jobAccount: 'mom',
};

const choices: Partial<Record<keyof Settings, readonly string[]>> = {
  trqauthd: ['needed', 'not-needed'],
  homeBelowWorldWritable: ['refused', 'allowed'],
  closedHomeFolders: ['fail-jobs', 'ignored'],
  jobAccount: ['mom', 'owner'],
};

export function settingsPath(home: string): string {
  return path.join(home, 'standin.json');
}

/** The settings of an installed stand-in. Throws an error that names file, key and value. */
export function readSettings(home: string): Settings {
  const file = settingsPath(home);
  const given: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new Error(`reading ${file}: not an object`);
  }
  return checkSettings(given as Record<string, unknown>, file);
}

/** Fills in the defaults and refuses what is unknown or of the wrong kind. */
export function checkSettings(given: Readonly<Record<string, unknown>>, where: string): Settings {
  for (const [key, value] of Object.entries(given)) {
    const standard: unknown = defaultSettings[key as keyof Settings];
    const among = choices[key as keyof Settings];
    const right =
      typeof value === typeof standard &&
      (typeof value !== 'number' || (Number.isFinite(value) && value >= 0)) &&
      (among === undefined || among.includes(String(value)));
    if (!right) throw new Error(`reading ${where}: ${key}: ${JSON.stringify(value)} is not a value for it`);
  }
  return { ...defaultSettings, ...given };
}
