/**
 * What a TORQUE scheduler's words about a waiting job mean for us. Only a lack of nodes is ours to cure.
 *
 * | words of pbs_sched (6.1.3, 4.2) after "Not Running: " | taken as |
 * |---|---|
 * | Not enough of the right type of nodes are available | nodes |
 * | All timesharing nodes are too loaded to run job | nodes |
 * | Not enough nodes available; Not enough cpus available; Not enough memory available | limit: `resources_available` or `resources_max` of queue or server |
 * | Queue job limit has been reached.; Server job limit has been reached. | limit |
 * | User has reached server (queue) running job limit.; Group has reached server (queue) running limit. | limit |
 * | Queue not started.; Queue not an execution queue. | limit |
 * | Strict fifo order; Draining system to allow starving job to run | order |
 * | Dedicated time conflict; Job would cross dedicated time boundry | other |
 * | Max token usage reached; Queue is configured to be ignored; An internal scheduling error has occured | other |
 * | any other words | other |
 *
 * "Not Running - PBS Error: …" tells of an attempt to start the job. Where it fails for want of nodes the
 * words are "Resource temporarily unavailable" or "Unknown node"; a mom that refuses is no reason to give
 * no other node; but "Unknown node-attribute" is how 6.1.3 refuses every `-l procs=` without `nodes`.
 *
 * Maui gives its reason through checkjob: "job is deferred.  Reason:  NoResources  (…)" and "cannot start
 * job - RM failure" are a lack of nodes, other reasons for deferring are not. Words about a job that was
 * started once, and none at all, say nothing.
 *
 * No words have a time. A scheduler that lives renews them in every cycle, so they are at most one cycle
 * old; but one that was replaced leaves its own behind for ever. So words about limits count only where the
 * settings cannot be consulted, and words about other jobs only while others wait. The rest holds as long as
 * it is said: when pbs_sched is away, no node would start the job either.
 */
export type SchedulerWords = 'silent' | 'nodes' | 'limit' | 'order' | 'other';

const notRunning = /^Not Running:\s*(?<why>.*)$/s;

const meanings: readonly (readonly [RegExp, SchedulerWords])[] = [
  [/^Not enough of the right type of nodes are available/, 'nodes'],
  [/^All timesharing nodes are too loaded/, 'nodes'],
  [/^Not enough (?:nodes|cpus|memory) available/, 'limit'],
  [/^(?:Queue|Server) job limit has been reached/, 'limit'],
  [/^(?:User|Group) has reached (?:server|queue) running (?:job )?limit/, 'limit'],
  [/^Queue not (?:started|an execution queue)/, 'limit'],
  [/^Strict fifo order/, 'order'],
  [/^Draining system to allow/, 'order'],
];

const attempt = /^Not Running - PBS Error:\s*(?<error>.*)$/s;
const deferred = /^job is deferred\.\s*Reason:\s*(?<reason>\w+)/;

export function understand(words: string | null): SchedulerWords {
  const text = words?.trim() ?? '';
  if (text === '') return 'silent';
  const why = notRunning.exec(text)?.groups?.['why'];
  if (why !== undefined) return meanings.find(([pattern]) => pattern.test(why))?.[1] ?? 'other';
  const error = attempt.exec(text)?.groups?.['error'];
  if (error !== undefined) return error.startsWith('Unknown node-attribute') ? 'other' : 'nodes';
  const reason = deferred.exec(text)?.groups?.['reason'];
  if (reason !== undefined) return reason === 'NoResources' || reason === 'RMFailure' ? 'nodes' : 'other';
  return 'silent';
}
