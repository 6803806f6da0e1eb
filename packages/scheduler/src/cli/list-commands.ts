/** `nodes`, `jobs` and `offers`: what a running scheduler knows, in tables that fit the terminal. */
import type { Command } from 'commander';
import { amount, grouped } from '@mesos-torque/common/units.ts';
import type { Job, Node, Offer } from '@mesos-torque/proto/gen/control/v1/facts.ts';
import {
  ListJobsResponse,
  ListNodesResponse,
  ListOffersResponse,
} from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { ago } from '../core/explain-words.ts';
import { exitBadInput, exitOk } from './config-flags.ts';
import { ask, asking, CallFailed, exitCodes, withOutputFlags, type AskFlags } from './control-call.ts';
import type { Place } from './place.ts';
import { show } from './output.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

interface ListFlags extends AskFlags {
  readonly limit: string;
}

const pageSize = 1_000;

interface ListRequest {
  readonly pageSize: number;
  readonly pageToken: string;
  readonly filter: string;
}

/** What tells one list from another. */
interface ListKind<Entry> {
  readonly name: string;
  readonly what: string;
  readonly examples: string;
  fetch(
    place: Place,
    request: ListRequest,
  ): Promise<{ entries: Entry[]; nextPageToken: string; totalSize: number }>;
  json(entries: Entry[]): unknown;
  readonly head: readonly string[];
  readonly wideHead: readonly string[];
  row(entry: Entry, isWide: boolean, nowMs: number): readonly string[];
}

const jobs: ListKind<Job> = {
  name: 'jobs',
  what: 'jobs of the queue: what each waits for',
  examples: `
  mesos-torque jobs verdict:waiting            jobs that wait for nodes
  mesos-torque jobs owner:alice code:short-*   those of alice that no offer fits
  mesos-torque jobs -o wide state:queued`,
  fetch: async (place, request) => {
    const { jobs: entries, ...foot } = await ask<ListJobsResponse>(place, (client, metadata, options, done) =>
      client.listJobs(request, metadata, options, done),
    );
    return { entries, ...foot };
  },
  json: (entries) => ListJobsResponse.toJSON(ListJobsResponse.fromPartial({ jobs: entries })),
  head: ['JOB', 'OWNER', 'STATE', 'VERDICT', 'BECAUSE'],
  wideHead: ['JOB', 'OWNER', 'QUEUE', 'STATE', 'SINCE', 'ASKS', 'VERDICT', 'NODES', 'BECAUSE'],
  row: (job, isWide, nowMs) =>
    isWide
      ? [
          job.id,
          job.owner,
          job.queue,
          job.state,
          since(job.queuedAtMs, nowMs),
          job.request,
          job.verdict,
          (job.nodes.length > 0 ? job.nodes : job.execNodes).join(' '),
          job.why,
        ]
      : [job.id, job.owner, job.state, job.verdict, job.why],
};

const nodes: ListKind<Node> = {
  name: 'nodes',
  what: 'nodes, ours and others: in which phase each is and why',
  examples: `
  mesos-torque nodes phase:up                  nodes that jobs can run on
  mesos-torque nodes -phase:static -o wide     ours, with what they hold`,
  fetch: async (place, request) => {
    const { nodes: entries, ...foot } = await ask<ListNodesResponse>(
      place,
      (client, metadata, options, done) => client.listNodes(request, metadata, options, done),
    );
    return { entries, ...foot };
  },
  json: (entries) => ListNodesResponse.toJSON(ListNodesResponse.fromPartial({ nodes: entries })),
  head: ['NODE', 'PHASE', 'SLOTS', 'JOBS', 'BECAUSE'],
  wideHead: ['NODE', 'PHASE', 'SINCE', 'SLOTS', 'JOBS', 'TORQUE', 'TASK', 'MOM', 'HOLDS', 'AGENT', 'BECAUSE'],
  row: (node, isWide, nowMs) => {
    const slots = `${grouped(node.slotsUsed)}/${grouped(node.np)}`;
    if (!isWide) return [node.name, node.phase, slots, grouped(node.jobs.length), node.why];
    const held = node.resources;
    return [
      node.name,
      node.phase,
      since(node.phaseSinceMs, nowMs),
      slots,
      node.jobs.join(' '),
      node.states.join(','),
      node.taskState.replace('TASK_', ''),
      [node.momStage, node.momHealth].filter((word) => word !== '').join(' '),
      held === undefined
        ? ''
        : `${amount('cpuMilli', Number(held.cpuMilli))} ${amount('memMib', Number(held.memMib))}`,
      node.agentId,
      node.why,
    ];
  },
};

const offers: ListKind<Offer> = {
  name: 'offers',
  what: 'offers at hand: which are taken, held or declined, and why',
  examples: `
  mesos-torque offers verdict:declined
  mesos-torque explain agent a7                what it offered lately, too`,
  fetch: async (place, request) => {
    const { offers: entries, ...foot } = await ask<ListOffersResponse>(
      place,
      (client, metadata, options, done) => client.listOffers(request, metadata, options, done),
    );
    return { entries, ...foot };
  },
  json: (entries) => ListOffersResponse.toJSON(ListOffersResponse.fromPartial({ offers: entries })),
  head: ['OFFER', 'HOST', 'HOLDS', 'VERDICT', 'BECAUSE'],
  wideHead: ['OFFER', 'HOST', 'AGENT', 'HOLDS', 'ATTRIBUTES', 'SINCE', 'VERDICT', 'BECAUSE'],
  row: (offer, isWide, nowMs) => {
    const holds =
      offer.resources === undefined
        ? ''
        : `${amount('cpuMilli', Number(offer.resources.cpuMilli))} ${amount('memMib', Number(offer.resources.memMib))}`;
    if (!isWide) return [offer.id, offer.host, holds, offer.verdict, offer.why];
    const attributes = Object.entries(offer.attributes).map(([name, value]) => `${name}=${value}`);
    return [
      offer.id,
      offer.host,
      offer.agentId,
      holds,
      attributes.join(' '),
      since(offer.receivedAtMs, nowMs),
      offer.verdict,
      offer.why,
    ];
  },
};

function since(atMs: bigint, nowMs: number): string {
  return atMs === 0n ? '' : ago(nowMs - Number(atMs));
}

export function addListCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  addList(program, jobs, terminal, exit);
  addList(program, nodes, terminal, exit);
  addList(program, offers, terminal, exit);
}

function addList<Entry>(
  program: Command,
  list: ListKind<Entry>,
  terminal: Terminal,
  exit: (code: number) => void,
): void {
  withOutputFlags(program.command(list.name))
    .description(list.what)
    .argument('[filter...]', 'words that must all hold: field:value, -field:value, or a word that occurs')
    .option('--limit <n>', 'show at most so many; 0: all', '1000')
    .addHelpText('after', `\nExamples:${list.examples}\n\n${exitCodes}\n`)
    .action(async (words: readonly string[], flags: ListFlags) => {
      exit(await showList(list, words, flags, terminal));
    });
}

function showList<Entry>(
  list: ListKind<Entry>,
  words: readonly string[],
  flags: ListFlags,
  terminal: Terminal,
): Promise<number> {
  return asking(flags, terminal, async (place) => {
    if (!/^\d{1,9}$/.test(flags.limit)) {
      throw new CallFailed(`--limit ${flags.limit} is not a whole number`, exitBadInput);
    }
    const limit = flags.limit === '0' ? Infinity : Number(flags.limit);
    const found: Entry[] = [];
    let pageToken = '';
    let total = 0;
    do {
      const size = Math.min(pageSize, limit - found.length);
      const page = await list.fetch(place, { pageSize: size, pageToken, filter: words.join(' ') });
      found.push(...page.entries);
      pageToken = page.nextPageToken;
      total = page.totalSize;
    } while (pageToken !== '' && found.length < limit);
    show(
      flags,
      terminal,
      () => list.json(found),
      (isWide) => renderList(list, found, total, isWide, terminal),
    );
    return exitOk;
  });
}

function renderList<Entry>(
  list: ListKind<Entry>,
  found: readonly Entry[],
  total: number,
  isWide: boolean,
  terminal: Terminal,
): string {
  if (found.length === 0) return `No ${list.name}.\n`;
  const rows = found.map((entry) => list.row(entry, isWide, terminal.nowMs()));
  const shown = table(isWide ? list.wideHead : list.head, rows, isWide ? null : (terminal.columns ?? null));
  const more = total - found.length;
  return more > 0 ? `${shown}and ${grouped(more)} more; --limit 0 shows all\n` : shown;
}
