/** `mesos-torque setup`: shows, applies or takes back what an elastic cluster needs of pbs_server. */
import path from 'node:path';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { grouped } from '@mesos-torque/common/units.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import type { SetupConfig } from '../config.ts';
import type { JobState } from '../core/facts.ts';
import { textIn } from '../loop/durable-file.ts';
import { lockHolder } from '../loop/state-lock.ts';
import { readStateText } from '../loop/state-text.ts';
import type { Outcome, Problem } from '../loop/ports.ts';
import { applyPlanned, applySetup } from '../torque/server-apply.ts';
import { planSetup, type SetupRight, type SetupStep } from '../torque/server-setup.ts';
import { changesLeft, planUndo, type UndoConflict } from '../torque/server-undo.ts';
import { readServer, type ServerView } from '../torque/server-view.ts';
import { clientRun, type ClientRun } from '../torque/server/client-run.ts';
import { makeNodectKnown } from '../torque/server/guard.ts';
import { hasWaitingJobs, probeNodect, probeParts } from '../torque/server/nodect-probe.ts';
import { deletesJobs } from '../torque/server/schedulers/torque-scheduler.ts';
import { TorqueClient } from '../torque/torque-client.ts';
import { setupRecords, type SetupRecordFiles } from './setup-record.ts';
import { wantedSetup, type SetupWishes } from './wanted-setup.ts';
import { whoWeAre } from './who-we-are.ts';

export interface SetupRequest {
  readonly act: 'apply' | 'undo';
  /** Shows what would be done. */
  readonly dryRun: boolean;
  /** Undoes although jobs wait that pbs_sched would then delete. */
  readonly force: boolean;
  readonly wishes: SetupWishes;
}

export interface SetupReport {
  readonly act: 'apply' | 'undo';
  readonly dryRun: boolean;
  /** Done, or to be done; where `problem` says that it failed, some of them may be. */
  readonly steps: readonly SetupStep[];
  readonly right: readonly SetupRight[];
  readonly conflicts: readonly UndoConflict[];
  /** Null when all went well. */
  readonly problem: string | null;
  /** What to do about the problem; null where it says so itself. */
  readonly remedy: string | null;
}

type Outline = Omit<SetupReport, 'act' | 'dryRun'>;

export interface SetupParts {
  readonly torque: TorqueClient;
  readonly records: SetupRecordFiles;
  /** The process of a scheduler that runs on this state directory; null where none does. */
  readonly schedulerRuns: () => Promise<string | null>;
  /** The id under which this state directory's scheduler is known to Mesos; null where none is kept here. */
  readonly ownFramework: () => Promise<string | null>;
  /** Where the site's scheduler deletes jobs that it thinks can never run: has the server read nodect. */
  readonly makeSafe: () => Promise<Outcome<null>>;
  /** Such as `qmgr -c "set server managers += alice@head.example.org"`. */
  readonly grant: () => Promise<string>;
}

export async function runSetup(config: SetupConfig, request: SetupRequest): Promise<SetupReport> {
  const clients = clientRun(runCommand, process.env, config.server.isNamed ? config.torque.server : null);
  const parts: SetupParts = {
    torque: new TorqueClient({
      run: clients.run,
      binDir: config.torque.binDir,
      timeoutMs: config.torque.commandTimeoutMs,
    }),
    records: setupRecords(config.stateDir, () => Date.now()),
    schedulerRuns: async () => {
      const holder = await lockHolder(path.join(config.stateDir, 'lock'));
      return holder === null ? null : `process ${holder.pid} on ${holder.host}`;
    },
    ownFramework: () => ownFrameworkIn(config.stateDir),
    makeSafe: () => makeSafe(config, clients),
    grant: async () => (await whoWeAre()).grantManager,
  };
  return setUpWith(parts, config, request);
}

async function ownFrameworkIn(stateDir: string): Promise<string | null> {
  const file = path.join(stateDir, 'state.json');
  const text = await textIn(file);
  return text === null ? null : readStateText(text, file).frameworkId;
}

async function makeSafe(config: SetupConfig, clients: ClientRun): Promise<Outcome<null>> {
  if (!deletesJobs(config.server.scheduler)) return { ok: true, value: null };
  const { binDir, commandTimeoutMs: timeoutMs } = config.torque;
  const user = process.getuid?.() === 0 ? config.server.probeUser : null;
  const probe = await probeParts({ ...clients, binDir, timeoutMs }, user);
  if (!probe.ok) return probe;
  return makeNodectKnown({
    hasWaitingJobs: () => hasWaitingJobs(probe.value),
    probe: () => probeNodect(probe.value),
  });
}

export async function setUpWith(
  parts: SetupParts,
  config: SetupConfig,
  request: SetupRequest,
): Promise<SetupReport> {
  const { act, dryRun } = request;
  try {
    const outline =
      act === 'apply' ? await apply(parts, config, request) : await undo(parts, config, request);
    return { act, dryRun, ...outline };
  } catch (error) {
    // The record cannot be read or written, and says so.
    return { act, dryRun, ...nothing, problem: messageOf(error) };
  }
}

async function apply(parts: SetupParts, config: SetupConfig, request: SetupRequest): Promise<Outline> {
  const view = await readServer(parts.torque);
  if (!view.ok) return failure(parts, view.problem);
  const wanted = wantedSetup(config, request.wishes);
  const recorded = await parts.records.of(view.value.name).load();
  const plan = planSetup(view.value, wanted, recorded);
  if (!plan.ok) return { ...nothing, problem: plan.why, remedy: plan.remedy };
  const { steps, right } = plan;
  if (request.dryRun) return { ...nothing, steps, right };
  const done = await applySetup(parts.torque, wanted, parts.records, parts.makeSafe);
  if (done.ok) return { ...nothing, steps: done.value, right };
  return { ...(await failure(parts, done.problem)), steps, right };
}

async function undo(parts: SetupParts, config: SetupConfig, request: SetupRequest): Promise<Outline> {
  const view = await readServer(parts.torque);
  if (!view.ok) return failure(parts, view.problem);
  const record = parts.records.of(view.value.name);
  const changes = await record.load();
  const plan = planUndo(view.value, changes);
  const { steps, conflicts } = plan;
  const shown = { ...nothing, steps, conflicts };
  if (request.dryRun) return shown;
  const obstacle = await obstacleToUndo(parts, config, request, { steps, view: view.value });
  if (obstacle !== null) return { ...shown, ...obstacle };
  const done = await applyPlanned(parts.torque, steps);
  if (!done.ok) return { ...(await failure(parts, done.problem)), steps, conflicts };
  if (changes.length > 0) await record.keepOnly(changesLeft(plan, changes));
  return shown;
}

/** Why nothing should be taken back now; null where nothing speaks against it. */
async function obstacleToUndo(
  { schedulerRuns, ownFramework, torque }: SetupParts,
  config: SetupConfig,
  { force }: SetupRequest,
  { steps, view }: { readonly steps: readonly SetupStep[]; readonly view: ServerView },
): Promise<Pick<SetupReport, 'problem' | 'remedy'> | null> {
  if (steps.length === 0) return null;
  const running = await schedulerRuns();
  if (running !== null && config.torque.manageServer) {
    return {
      problem: `a scheduler runs (${running}) and would set the server up again`,
      remedy: 'stop it first, or run it with torque.manageServer=false',
    };
  }
  const keepsJobsWaiting = steps.some(
    ({ change: { target } }) =>
      target.kind === 'node' ||
      (target.kind === 'server' && target.attribute === 'resources_available.nodect'),
  );
  if (force || !keepsJobsWaiting) return null;
  const others = othersOn(view, await ownFramework());
  if (others !== null) return others;
  const remedy = 'wait until they have run, or delete them; --force goes on all the same';
  const queue = await torque.readQueue();
  if (!queue.ok) return { problem: `whether jobs wait is not known: ${queue.problem.detail}`, remedy };
  const waiting = queue.value.jobs.filter(({ state }) => waitingStates.includes(state));
  if (waiting.length === 0) return null;
  return {
    problem: `${waiting.length === 1 ? '1 job waits' : `${grouped(waiting.length)} jobs wait`}; without the placeholder and nodect stock pbs_sched deletes those larger than the nodes that are left`,
    remedy,
  };
}

/** What another framework's jobs wait by is the same placeholder and the same nodect. */
function othersOn(
  { name, nodes }: ServerView,
  own: string | null,
): Pick<SetupReport, 'problem' | 'remedy'> | null {
  const theirs = nodes.filter((node) => {
    const framework = frameworkIn(node.requestId);
    return framework !== null && framework !== own;
  });
  const [first] = theirs;
  if (first === undefined) return null;
  const count = theirs.length === 1 ? '1 node' : `${grouped(theirs.length)} nodes`;
  const whose = own === null ? 'a framework that this state directory does not know' : 'another framework';
  return {
    problem: `${name ?? 'this pbs_server'} has ${count} of ${whose} (${first.name}: ${frameworkIn(first.requestId) ?? ''}), whose jobs need the placeholder and nodect, too`,
    remedy: 'stop that framework and let its nodes leave; --force goes on all the same',
  };
}

/** The framework in the mark of an elastic node, whatever word its marks begin with. */
function frameworkIn(requestId: string | null): string | null {
  const words = /^[^.].*?\.(?<framework>[^.]+)\.mom\..+\.[0-9]{1,15}$/.exec(requestId ?? '');
  return words?.groups?.['framework'] ?? null;
}

const waitingStates: readonly JobState[] = ['queued', 'held', 'waiting', 'transit'];

const nothing: Outline = { steps: [], right: [], conflicts: [], problem: null, remedy: null };

async function failure({ grant }: SetupParts, problem: Problem): Promise<Outline> {
  const isRight = /this user is|error in permissions|insufficient permission/.test(problem.detail);
  const remedy = isRight
    ? `as root on the host of pbs_server: ${await grant()}; or give the sentences above to whoever is a manager`
    : null;
  return { ...nothing, problem: problem.detail, remedy };
}
