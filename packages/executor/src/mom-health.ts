/**
 * Whether the mom is well, asked through `momctl -d 3`. One question gives one observation; `judge`
 * turns a row of them into what Mesos is told. Deciding is pure, asking is not, and the two are apart.
 */
import { decodeUtf8, quote, quoteBytes } from '@mesos-torque/common/text.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { CommandResult } from '@mesos-torque/common/run-command.ts';
import { parseDiagnosis } from './momctl.ts';

/** What one question gave. */
export type Observation =
  /** Our mom answers and names our server. `momName` is the name that it goes by. */
  | {
      readonly kind: 'answering';
      readonly momName: string;
      readonly trusted: readonly string[];
      /** Seconds since mom and server had words last; null where they had none since the mom's start. */
      readonly silentS: number | null;
      readonly jobIds: readonly string[];
    }
  | { readonly kind: 'unanswered'; readonly why: string }
  /** Something answers, but not as it should: another mom, or ours without our server. */
  | { readonly kind: 'wrong'; readonly why: string };

/** Whom we expect to answer. */
export interface ExpectedMom {
  /** Paths of the home, any of which the mom may call its own: the link and what it leads to. */
  readonly homes: readonly string[];
  /** The server's name as written into the mom's configuration; a port after it is not compared. */
  readonly pbsServer: string;
}

/** Reads the end of `momctl -d 3`. 6.1.3 exits 1 when it cannot connect and when not run by root. */
export function observe(result: CommandResult, expected: ExpectedMom): Observation {
  switch (result.kind) {
    case 'exit':
      return result.code === 0
        ? readAnswer(result.stdout, expected)
        : {
            kind: 'unanswered',
            why: `momctl exited ${result.code}: ${firstLine(result.stderr, result.stdout)}`,
          };
    case 'signal':
      return { kind: 'unanswered', why: `momctl was ended by ${result.signal}` };
    case 'timed-out':
      return { kind: 'unanswered', why: `momctl did not end within ${result.timeoutMs} ms` };
    case 'too-much-output':
      return { kind: 'unanswered', why: `momctl printed more than ${result.bytesMax} bytes` };
    case 'spawn-failed':
      return { kind: 'unanswered', why: `momctl could not be started: ${result.error}` };
    default:
      return unreachable(result);
  }
}

function readAnswer(stdout: Buffer, expected: ExpectedMom): Observation {
  const decoded = decodeUtf8(stdout);
  if (!decoded.ok) return { kind: 'unanswered', why: `momctl printed no text: ${quoteBytes(stdout)}` };
  const parsed = parseDiagnosis(decoded.text);
  if (!parsed.ok) return { kind: 'unanswered', why: parsed.error };
  const { host, homeDirectory, servers, trustedClients } = parsed.diagnosis;
  const home = homeDirectory.replace(/\/mom_priv\/?$/, '');
  if (!expected.homes.includes(home)) {
    return { kind: 'wrong', why: `another pbs_mom answers, with its home in ${quote(home, 200)}` };
  }
  const server = servers.find(({ name }) => hostOf(name) === hostOf(expected.pbsServer));
  if (server === undefined) {
    const known = servers.map(({ name }) => name).join(', ');
    return known === ''
      ? { kind: 'wrong', why: `pbs_mom knows no server: does ${expected.pbsServer} resolve on this agent?` }
      : { kind: 'wrong', why: `pbs_mom serves ${known} and not ${expected.pbsServer}` };
  }
  const words = [server.heardS, server.toldS].filter((seconds) => seconds !== null);
  return {
    kind: 'answering',
    momName: host,
    trusted: trustedClients,
    silentS: words.length === 0 ? null : Math.min(...words),
    jobIds: parsed.diagnosis.jobIds,
  };
}

/** Server names are compared without the port that `$pbsserver` may carry. */
function hostOf(name: string): string {
  return name.replace(/:\d+$/, '').toLowerCase();
}

function firstLine(...outputs: readonly Buffer[]): string {
  const line = outputs
    .flatMap((output) => output.toString('utf8').split('\n'))
    .find((candidate) => candidate.trim() !== '');
  return line === undefined ? 'it printed nothing' : quote(line.trim(), 200);
}

/** What is known about the mom's health so far. */
export type Health =
  /** Started and not yet heard of. `since` counts questions. */
  | { readonly kind: 'unheard'; readonly questions: number }
  | {
      readonly kind: 'well';
      readonly momName: string;
      readonly failures: number;
      /** Hosts that it trusts, as `address:port`. */
      readonly trusted: readonly string[];
      /** Good answers so far. */
      readonly answers: number;
    }
  | { readonly kind: 'ill'; readonly why: string };

export const unheard: Health = { kind: 'unheard', questions: 0 };

/**
 * How many questions in a row must fail before a mom that was well is called ill. One busy moment
 * (pbs_mom answers between jobs' prologues, in one thread) is no illness; three intervals are.
 */
export const failuresMax = 3;
/** How many questions a mom just started may leave unanswered: 300 of 100 ms are 30 s. */
export const firstQuestionsMax = 300;
/** Between questions until the first answer. 6.1.3 answers 0.1 s after its start. */
export const firstIntervalMs = 100;

/**
 * So many answers follow each other at the first interval: pbs_server tells a mom whom to trust a moment
 * after it has registered, and its node counts as up only then.
 */
export const firstAnswersMax = 50;

/** The next state of health after one more observation. */
export function judge(health: Health, observation: Observation): Health {
  if (observation.kind === 'answering') {
    const { momName, trusted } = observation;
    const answers = health.kind === 'well' ? health.answers + 1 : 1;
    return { kind: 'well', momName, failures: 0, trusted, answers };
  }
  switch (health.kind) {
    case 'unheard': {
      const questions = health.questions + 1;
      return questions < firstQuestionsMax
        ? { kind: 'unheard', questions }
        : {
            kind: 'ill',
            why: `no good answer to ${questions} questions since its start: ${observation.why}`,
          };
    }
    case 'well': {
      const failures = health.failures + 1;
      return failures < failuresMax
        ? { ...health, failures }
        : { kind: 'ill', why: `no good answer to ${failures} questions in a row: ${observation.why}` };
    }
    case 'ill':
      return health;
    default:
      return unreachable(health);
  }
}

/** How long to wait before the next question, in milliseconds. */
export function nextQuestionMs(health: Health, healthIntervalMs: number): number {
  const isYoung =
    health.kind === 'unheard' ||
    (health.kind === 'well' && health.failures === 0 && health.answers < firstAnswersMax);
  return isYoung ? Math.min(firstIntervalMs, healthIntervalMs) : healthIntervalMs;
}

/** Whether there is something new to tell: another kind of health, or other hosts trusted. */
export function isNews(before: Health, now: Health): boolean {
  if (before.kind !== 'well' || now.kind !== 'well') return before.kind !== now.kind;
  return before.trusted.join() !== now.trusted.join();
}
