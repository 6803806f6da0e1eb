/**
 * What Maui's `checkjob` prints of one job, as far as it says why the job does not start. Recorded of Maui 3.3.1
 * in `fixtures/maui-3.3.1`; Moab prints the same lines.
 */
export interface CheckedJob {
  /** `Idle`, `Hold`, `Running` …: as the resource manager has it. */
  readonly state: string;
  /** `Deferred`, where Maui itself has set the job aside; null where it has not. */
  readonly expectedState: string | null;
  /** `Defer`, `Batch`, `User`, `System`: the words of the line "Holds:". */
  readonly holds: readonly string[];
  /** Why it is deferred or held: `NoResources`; null where none is given. */
  readonly holdReason: string | null;
  /** What Maui says last about the job: "job cannot run in any partition  (…)"; null where it says nothing. */
  readonly verdict: string | null;
  /** "cannot start job - RM failure, …" and the like; null where there is none. */
  readonly message: string | null;
}

export type ParsedCheckjob =
  { readonly ok: true; readonly job: CheckedJob } | { readonly ok: false; readonly error: string };

const charsMax = 65_536;
const sentenceCharsMax = 300;

export function parseCheckjob(text: string): ParsedCheckjob {
  if (text.length > charsMax) return { ok: false, error: `checkjob printed ${text.length} characters` };
  const lines = text.split('\n').map((line) => line.trim());
  const state = /^State: (?<state>\S+)(?:\s+EState: (?<expected>\S+))?/m.exec(text)?.groups;
  if (state?.['state'] === undefined) return { ok: false, error: 'checkjob printed no line "State:"' };
  const holds = /^Holds:\s+(?<holds>.*?)(?:\s+\(hold reason:\s+(?<reason>[^)]*)\))?$/m.exec(text)?.groups;
  const verdict = lines.findLast((line) =>
    /^(?:cannot select job|job (?:cannot|can) run|job is deferred)/.test(line),
  );
  const message = /^Messages:\s+(?<message>.*)$/m.exec(text)?.groups?.['message'];
  const deferred = /^job is deferred\.\s+Reason:\s+(?<reason>\S+)/m.exec(text)?.groups?.['reason'];
  return {
    ok: true,
    job: {
      state: state['state'],
      expectedState: state['expected'] ?? null,
      holds: (holds?.['holds'] ?? '').split(/\s+/).filter((word) => word !== ''),
      holdReason: holds?.['reason'] ?? deferred ?? null,
      verdict: verdict === undefined ? null : cut(verdict),
      message: message === undefined ? null : cut(message),
    },
  };
}

/** Set aside by Maui's own deferral for want of nodes, and by nothing else: `releasehold -a` takes away every hold. */
export function isDeferredForNodes(job: CheckedJob): boolean {
  return job.holds.length === 1 && job.holds[0] === 'Defer' && job.holdReason === 'NoResources';
}

function cut(sentence: string): string {
  return sentence.replace(/\s+/g, ' ').slice(0, sentenceCharsMax);
}

/** Ids in `showq` that it lists as Deferred, by number as Maui knows them. */
export function deferredIn(showq: string): ReadonlySet<string> {
  const deferred = showq.matchAll(/^(?<id>[0-9]{1,12}(?:\[[0-9]{1,9}\])?)\s+\S+\s+Deferred\s/gm);
  return new Set([...deferred].map(({ groups }) => groups?.['id'] ?? ''));
}
