/** The scheduler's status and its journal, for people. */
import type { Reading } from '@mesos-torque/proto/gen/control/v1/facts.ts';
import type { GetStatusResponse, WatchResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { amount, grouped } from '@mesos-torque/common/units.ts';
import { renderBrake, renderQuarantined } from './render-repair.ts';
import { table } from './table.ts';
import { clean } from './terminal.ts';

export function renderStatus(answer: GetStatusResponse, nowMs: number): string {
  return [
    renderHead(answer, nowMs),
    section('Nodes', ['NODE', 'PHASE', 'NP', 'JOBS', 'BECAUSE'], nodeRows(answer)),
    section('Jobs', ['JOB', 'VERDICT', 'NODES', 'BECAUSE'], jobRows(answer)),
    section('Offers', ['OFFER', 'HOST', 'VERDICT', 'BECAUSE'], offerRows(answer)),
    answer.quarantined.length === 0 ? '' : `\n${renderQuarantined(answer.quarantined)}`,
    ...answer.notices.map((notice) => `\nNOTE  ${clean(notice)}\n`),
    answer.brake === undefined ? '' : `\n${renderBrake(answer.brake)}`,
  ].join('');
}

function renderHead(answer: GetStatusResponse, nowMs: number): string {
  const held = answer.held;
  const rows = [
    ['Mesos', answer.mesosConnected ? `connected as ${answer.frameworkId}` : 'not connected'],
    ['Offers', answer.suppressed ? 'suppressed: no node is wanted' : 'wanted'],
    ['Queue', readingText(answer.queueReading, nowMs)],
    ['TORQUE', readingText(answer.nodesReading, nowMs)],
    ['Tasks', readingText(answer.tasksReading, nowMs)],
    [
      'Held',
      held === undefined
        ? 'unknown'
        : `${grouped(held.nodes)} nodes (floor ${grouped(answer.floorNodes)}), ${amount('cpuMilli', Number(held.cpuMilli))}, ${amount('memMib', Number(held.memMib))}`,
    ],
  ];
  return rows.map(([name = '', value = '']) => `${name.padEnd(8)}${clean(value)}\n`).join('');
}

function readingText(reading: Reading | undefined, nowMs: number): string {
  if (reading === undefined || reading.state === 'unknown') return `unknown: ${reading?.why ?? ''}`;
  const age = `${((nowMs - Number(reading.atMs)) / 1000).toFixed(1)} s ago`;
  return reading.state === 'fresh' ? `read ${age}` : `stale, last read ${age}: ${reading.why}`;
}

function section(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? `\nNo ${title.toLowerCase()}.\n` : `\n${table(head, rows)}`;
}

function nodeRows({ nodes }: GetStatusResponse): string[][] {
  return nodes.map(({ name, phase, np, jobs, why }) => [name, phase, String(np), jobs.join(' '), why]);
}

function jobRows({ jobs }: GetStatusResponse): string[][] {
  return jobs.map(({ id, verdict, nodes, why }) => [id, verdict, nodes.join(' '), why]);
}

function offerRows({ offers }: GetStatusResponse): string[][] {
  return offers.map(({ id, host, verdict, why }) => [id, host, verdict, why]);
}

/**
 * One line of the journal: `08:50:24.054 node created node1.example.org (taking 505 ms): because …`; wide: with the date
 * and all that it is about.
 */
export function renderEntry(entry: WatchResponse, isWide = false): string {
  const moment = new Date(Number(entry.atMs)).toISOString();
  const time = isWide ? moment : moment.slice(11, 23);
  const { node, taskId, jobId, offerId } = entry;
  const about = isWide ? [node, taskId, jobId, offerId] : [node === '' ? taskId : node, jobId];
  const subject = about.filter((part) => part !== '');
  const data = Object.entries(entry.data).map(([key, value]) => `${key}=${value}`);
  const words = [time, entry.event, ...subject, data.length === 0 ? '' : `{${data.join(' ')}}`];
  const why = entry.why === '' ? '' : `: ${entry.why}`;
  return `${clean(`${words.filter((word) => word !== '').join(' ')}${why}`)}\n`;
}
