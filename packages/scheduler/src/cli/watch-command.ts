/** `watch`: a live screen on a terminal, a line for each event elsewhere. */
import type { ServiceError } from '@grpc/grpc-js';
import type { Command } from 'commander';
import { WatchResponse, type GetStatusResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import { complain, exitOk } from './config-flags.ts';
import { ask, asking, clientAt, exitCodes, failed, withOutputFlags, type AskFlags } from './control-call.ts';
import { liveScreen, type LiveState } from './live-screen.ts';
import type { Place } from './place.ts';
import { formatOf, showEach } from './output.ts';
import { renderEntry } from './render-status.ts';
import type { Screen, Terminal } from './terminal.ts';

interface WatchFlags extends AskFlags {
  readonly lines?: true;
}

const refreshMs = 1_000;
const entriesMax = 200;

export function addWatchCommand(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  withOutputFlags(program.command('watch'))
    .description(
      'the running scheduler at work: a live screen on a terminal, else a line for each event, until Ctrl-C',
    )
    .option('--lines', 'a line for each event, on a terminal too')
    .addHelpText(
      'after',
      '\nExamples:\n  mesos-torque watch\n  mesos-torque watch --json | jq -r .event\n\n' +
        'JSON is an object a line for each event, YAML a document; wide gives dates and ids with each line.\n\n' +
        `${exitCodes}\n`,
    )
    .action(async (flags: WatchFlags) => {
      const interrupted = new AbortController();
      process.once('SIGINT', () => {
        interrupted.abort();
      });
      exit(await watch(flags, terminal, interrupted.signal));
    });
}

export function watch(flags: WatchFlags, terminal: Terminal, signal: AbortSignal): Promise<number> {
  return asking(flags, terminal, async (place) => {
    const { screen } = terminal;
    if (screen !== undefined && formatOf(flags) === 'table' && flags.lines !== true) {
      return watchLive(place, terminal, screen, signal);
    }
    const why = await watchJournal(place, signal, (entry) => {
      showEach(
        flags,
        terminal,
        () => WatchResponse.toJSON(entry),
        (isWide) => renderEntry(entry, isWide),
      );
    });
    return why === null ? exitOk : complain(terminal, [why.message], why.code);
  });
}

/**
 * Calls `onEntry` for each entry of the journal that is kept and for each new one, until the scheduler
 * ends or `signal` is aborted. Returns why it ended, null when it was aborted.
 */
function watchJournal(
  place: Place,
  signal: AbortSignal,
  onEntry: (entry: WatchResponse) => void,
): Promise<{ readonly message: string; readonly code: number } | null> {
  const client = clientAt(place);
  const call = client.watch({ afterSequence: 0n });
  const abort = (): void => {
    call.cancel();
  };
  signal.addEventListener('abort', abort);
  return new Promise<{ message: string; code: number } | null>((resolve) => {
    call.on('data', onEntry);
    call.on('end', () => {
      resolve({ message: 'the scheduler ended', code: 3 });
    });
    call.on('error', (error: ServiceError) => {
      resolve(signal.aborted ? null : failed(place, error));
    });
  }).finally(() => {
    signal.removeEventListener('abort', abort);
    client.close();
  });
}

/** Goes on when the scheduler ends and comes back; its latest entries are told again then. */
async function watchLive(
  place: Place,
  terminal: Terminal,
  screen: Screen,
  signal: AbortSignal,
): Promise<number> {
  let state: LiveState = { status: null, problem: 'asking …', entries: [] };
  const draw = (): void => {
    screen.draw(liveScreen(state, screen.size(), terminal.nowMs()));
  };
  const journal = followJournal(place, signal, (entries) => {
    state = { ...state, entries };
  });
  screen.open();
  try {
    while (!signal.aborted) {
      state = await askState(place, state);
      draw();
      await pause(refreshMs, signal);
    }
  } finally {
    screen.close();
  }
  await journal;
  return exitOk;
}

async function askState(place: Place, before: LiveState): Promise<LiveState> {
  try {
    const status = await ask<GetStatusResponse>(place, (client, metadata, options, done) =>
      client.getStatus({ summary: false }, metadata, options, done),
    );
    return { ...before, status };
  } catch (error) {
    return { ...before, status: null, problem: messageOf(error) };
  }
}

async function followJournal(
  place: Place,
  signal: AbortSignal,
  onEntries: (entries: readonly WatchResponse[]) => void,
): Promise<void> {
  while (!signal.aborted) {
    let entries: readonly WatchResponse[] = [];
    await watchJournal(place, signal, (entry) => {
      entries = [...entries.slice(1 - entriesMax), entry];
      onEntries(entries);
    });
    await pause(refreshMs, signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
