/** The answer to `momctl -d 0` to `-d 3`. */
import { existsSync, statfsSync } from 'node:fs';
import path from 'node:path';
import type { LedJob } from './jobs.ts';

export interface DiagnoseOf {
  readonly name: string;
  /** Null when the name was given with `-H`: 6.1.3 then shows none. */
  readonly address: string | null;
  readonly home: string;
  readonly server: { readonly name: string; readonly address: string; readonly port: number } | null;
  readonly startMs: number;
  readonly fromServerMs: number | null;
  readonly fromServerWhat: string;
  readonly toServerMs: number | null;
  readonly statusUpdateS: number;
  readonly checkPollS: number;
  readonly logLevel: number;
  readonly trusted: readonly string[];
  readonly jobs: readonly LedJob[];
  /** Jobs that this mom joined as a sister, with their slots. */
  readonly joined: ReadonlyMap<string, number>;
}

export function diagnose(of: DiagnoseOf, level: number, nowMs: number): string {
  const seconds = (sinceMs: number): string => `${Math.floor((nowMs - sinceMs) / 1000)} seconds`;
  const lines = [
    '',
    `Host: ${of.name}/${of.name}   Version: 6.1.3.h5   IP address: ${of.address ?? '  '} ${of.address === null ? '' : '  '}PID: ${process.pid}`,
    ...serverLines(of, seconds),
    `HomeDirectory:          ${path.join(of.home, 'mom_priv')}`,
    ...(level > 0 ? [spoolLine(of.home)] : []),
    ...(level > 1 ? ['NOTE:  syslog enabled'] : []),
    `MOM active:             ${seconds(of.startMs)}`,
    ...(level > 0
      ? [
          `Check Poll Time:        ${of.checkPollS} seconds`,
          `Server Update Interval: ${of.statusUpdateS} seconds`,
        ]
      : []),
    `LogLevel:               ${of.logLevel} (use SIGUSR1/SIGUSR2 to adjust)`,
    ...(level > 0
      ? [
          'Communication Model:    TCP',
          'MemLocked:              TRUE  (mlock)',
          'TCP Timeout:            300 seconds',
        ]
      : []),
    ...(level > 1
      ? [
          script(of.home, 'Prolog: ', 'prologue'),
          script(of.home, 'Epilog: ', 'epilogue'),
          'Alarm Time:             0 of 10 seconds',
        ]
      : []),
    ...(level > 0
      ? [`Trusted Client List:  ${of.trusted.join(',')}`, 'Copy Command:           /usr/bin/scp -rpB']
      : []),
    ...jobLines(of),
    '',
    'diagnostics complete',
    '',
    '',
  ];
  return lines.join('\n');
}

function serverLines(of: DiagnoseOf, seconds: (sinceMs: number) => string): string[] {
  if (of.server === null) return ['WARNING:  server not specified (set $pbsserver)'];
  return [
    `Server[0]: ${of.server.name} (${of.server.address}:${of.server.port})`,
    of.fromServerMs === null
      ? '  WARNING:  no messages received from server'
      : `  Last Msg From Server:   ${seconds(of.fromServerMs)} (${of.fromServerWhat})`,
    of.toServerMs === null
      ? '  WARNING:  no messages sent to server'
      : `  Last Msg To Server:     ${seconds(of.toServerMs)}`,
  ];
}

function spoolLine(home: string): string {
  const spool = `${path.join(home, 'spool')}/`;
  const blocks = existsSync(spool) ? statfsSync(spool).bavail : 0;
  return `stdout/stderr spool directory: '${spool}' (${blocks} blocks available)`;
}

function script(home: string, label: string, name: string): string {
  const file = path.join(home, 'mom_priv', name);
  return `${label.padEnd(24)}${file} (${existsSync(file) ? 'enabled' : 'disabled'})`;
}

function jobLines(of: DiagnoseOf): string[] {
  const led = of.jobs.map((job) =>
    job.state === 'PRERUN'
      ? `job[${job.order.id}]  state=PRERUN sidlist=`
      : `job[${job.order.id}]  state=${job.state} cput=0 vmem=0 mem=0 energy_used=0 sidlist=${job.pid ?? ''}`,
  );
  const sister = [...of.joined.keys()].map((id) => `job[${id}]  state=PRERUN sidlist=`);
  const slots =
    of.jobs.reduce((sum, job) => sum + (job.order.hosts[0]?.slots ?? 0), 0) +
    [...of.joined.values()].reduce((sum, n) => sum + n, 0);
  if (led.length + sister.length === 0) return ['NOTE:  no local jobs detected'];
  return [...led, ...sister, `Assigned CPU Count:     ${slots}`];
}
