/** What is known of a daemon of TORQUE: how to ask whether it runs, how to start and how to end it. */
import type { Argv } from '@mesos-torque/common/run-command.ts';
import type { DaemonEnd } from './launch.ts';

export type Asked =
  | { readonly kind: 'running' }
  | { readonly kind: 'not-running'; readonly why: string }
  /** No answer that could be trusted: nothing is started on it. */
  | { readonly kind: 'unknown'; readonly why: string };

export type StartPlan =
  | { readonly ok: true; readonly argv: Argv }
  /** It must not be started; `why` says also what an administrator can do. */
  | { readonly ok: false; readonly why: string };

/** Some go into the background by themselves, and most notice that one of them runs already. */
export type StartEnd = 'went-into-background' | 'ran-already' | 'failed';

export interface Daemon {
  readonly name: string;
  /** Whether it runs, whoever started it. */
  ask(): Promise<Asked>;
  planStart(): Promise<StartPlan>;
  /** What it means that the process that we started has ended. */
  judgeEnd(end: DaemonEnd): StartEnd;
  /** Ends it in order, whoever started it; resolves when it has been asked to. */
  end(pid: number | null): Promise<void>;
  /** Its process, where that can be told: in the foreground that of the start. */
  pid(): Promise<number | null>;
}
