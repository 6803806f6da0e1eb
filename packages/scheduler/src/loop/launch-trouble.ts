/**
 * Why an executor never came up, in words that say what to look at. Mesos itself says the same few words whatever was
 * wrong: of a fetch "Failed to fetch all URIs for container '…': exited with status 1", of an executor that could not
 * be executed, as of one that ended, "Executor terminated".
 */
import type { StatusFacts } from './ports.ts';

/** The message of a status, explained where it ends a task of whose executor nothing was ever heard. */
export function explained(status: StatusFacts): string {
  const { reason, message } = status;
  if (status.source === 'executor') return message;
  if (reason === 'CONTAINER_LAUNCH_FAILED' && message.includes('Failed to fetch')) {
    return `the agent could not fetch or unpack the executor; stderr in the task's sandbox has the fetcher's words (Mesos: ${message})`;
  }
  if (reason === 'EXECUTOR_TERMINATED' && message === 'Executor terminated') {
    return 'the executor ended before it said a word: it cannot run on this agent (a sandbox mounted noexec, another architecture, a glibc older than 2.28), or was killed; stderr in the task\'s sandbox tells, and "torque-executor --check" on the agent looks (Mesos: Executor terminated)';
  }
  if (reason === 'EXECUTOR_REGISTRATION_TIMEOUT') {
    return `the executor did not reach its agent in time; stderr in the task's sandbox has its words (Mesos: ${message})`;
  }
  return message;
}

/** Exit codes of the command that verifies a download before it runs, beside those of the executor (0, 1, 2). */
export const notVerifiedExits = {
  /** The download is another file than the one whose checksum we know. */
  otherFile: 65,
  /** This agent has no `sha256sum`, or no `tar`. */
  noProgram: 69,
  /** It is the right file, and cannot be unpacked here. */
  notUnpacked: 73,
} as const;

/** What the wait status of an executor says that was never run; null for others. */
export function notVerifiedWords(waitStatus: number | null): string | null {
  if (waitStatus === null) return null;
  switch (waitStatus >> 8) {
    case notVerifiedExits.otherFile:
      return 'the agent fetched another file than the executor that we know (checksum), and did not run it';
    case notVerifiedExits.noProgram:
      return 'the agent has no sha256sum or no tar, so the executor could not be verified, and was not run';
    case notVerifiedExits.notUnpacked:
      return 'the agent fetched the right executor and could not unpack it';
    default:
      return null;
  }
}
