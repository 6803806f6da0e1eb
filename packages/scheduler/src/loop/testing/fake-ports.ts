/** Ports for tests: everything succeeds at once and is written down, unless the story says otherwise. */
import { silentLog } from '@mesos-torque/common/logger.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
import { aPolicy, openQueues, storyMs } from '../../core/testing/builders.ts';
import { createJournalRing, type JournalRing } from '../journal.ts';
import { defaultLoopOptions } from '../options.ts';
import type { DurableState, MesosEvent, MesosPort, Outcome, StatePort, TorquePort } from '../ports.ts';

export const done: Outcome<null> = { ok: true, value: null };

export function failed(kind: 'refused' | 'timed-out' | 'unreachable' | 'theirs'): Outcome<never> {
  return { ok: false, problem: { kind, detail: 'as the story says' } };
}

/** The order in which things were asked of the world. */
export interface Stage {
  readonly calls: string[];
  readonly clock: VirtualClock;
  readonly journal: JournalRing;
  /** The disk; a story may fill it beforehand. */
  disk: DurableState | null;
  /** Lets time pass until all that is due by then has happened. */
  pass(ms: number): Promise<void>;
  /** Says something as Mesos. */
  tell(event: MesosEvent): Promise<void>;
  readonly torque: TorquePort;
  readonly mesos: MesosPort;
  readonly state: StatePort;
}

export function aStage(
  answers: {
    readonly torque?: Partial<TorquePort>;
    readonly mesos?: Partial<MesosPort>;
    readonly save?: (state: DurableState) => Promise<void>;
  } = {},
): Stage {
  const calls: string[] = [];
  const clock = createVirtualClock(storyMs);
  let onEvent: ((event: MesosEvent) => Promise<void>) | null = null;
  const call = (what: string): Promise<Outcome<null>> => {
    calls.push(what);
    return Promise.resolve(done);
  };
  const stage: Stage = {
    calls,
    clock,
    journal: createJournalRing(1000),
    disk: null,
    pass: (ms) => clock.runUntil(clock.nowMs() + ms, () => false),
    async tell(event) {
      await onEvent?.(event);
    },
    torque: {
      readQueue: () => Promise.resolve({ ok: true, value: { jobs: [] } }),
      readNodes: () => Promise.resolve({ ok: true, value: [] }),
      readSettings: () => Promise.resolve({ ok: true, value: openQueues('batch') }),
      createNode: ({ node }) => call(`create ${node}`),
      setOffline: (node) => call(`offline ${node}`),
      clearOffline: (node) => call(`online ${node}`),
      deleteNode: (node) => call(`delete ${node}`),
      kickScheduler: () => call('kick'),
      ...answers.torque,
    },
    mesos: {
      open(_subscription, handler) {
        onEvent = handler;
      },
      accept: ({ intent }) => call(`accept ${intent.taskId}`),
      decline: (offerIds) => call(`decline ${offerIds.join(' ')}`),
      suppress: () => call('suppress'),
      revive: () => call('revive'),
      kill: (taskId) => call(`kill ${taskId}`),
      acknowledge: ({ uuid }) => call(`acknowledge ${uuid}`),
      reconcile: (tasks) => call(`reconcile ${tasks.map(({ taskId }) => taskId).join(' ')}`.trimEnd()),
      readQuota: () =>
        Promise.resolve({ ok: true, value: { cpuMilli: null, memMib: null, diskMib: null, gpus: null } }),
      readFairShare: () => Promise.resolve({ ok: true, value: null }),
      answerInverse: (id, isAccepted) => call(`${isAccepted ? 'accept' : 'decline'} inverse ${id}`),
      startMom: (taskId) => call(`start ${taskId}`),
      teardown: () => call('teardown'),
      close: () => {
        calls.push('close');
        return Promise.resolve();
      },
      ...answers.mesos,
    },
    state: {
      load: () => Promise.resolve(stage.disk),
      save: async (state) => {
        calls.push('save');
        await answers.save?.(state);
        stage.disk = state;
      },
    },
  };
  return stage;
}

/** What all parts of the loop take besides the ports. */
export const surroundings = {
  log: silentLog,
  policy: aPolicy(),
  options: defaultLoopOptions,
  random: () => 0.5,
};
