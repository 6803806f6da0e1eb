/** The jobs that a mom leads, from the server's order to the report of their end. */
import { spawn } from 'node:child_process';
import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '@mesos-torque/common/text.ts';
import { ids } from '../shared/account.ts';
import type { JobEnd, JobOrder } from '../shared/api.ts';
import type { JobRecord } from './job-files.ts';
import {
  closeOutputs,
  deliverOutputs,
  jobFiles,
  openOutputs,
  readRecords,
  removeJobFiles,
  saveRecord,
  writeJobFiles,
} from './job-files.ts';
import { jobEnvironment } from './job-environment.ts';
import { runJobScript } from './job-scripts.ts';
import type { Mom } from './mom.ts';
import { endGroup, isRunning, signalGroup } from './process-group.ts';
import { joinSisters, releaseSisters } from './sisters.ts';

export interface LedJob {
  readonly order: JobOrder;
  state: 'PRERUN' | 'RUNNING' | 'EXITING';
  pid: number | null;
  startMs: number;
  walltime: NodeJS.Timeout | null;
  prologueRan: boolean;
}

const watchMs = 200;

/** Exit statuses that 6.1.3 gives to jobs that did not get as far as running. */
const exitNotStarted = -3;
const exitPrologueAbort = -2;
const exitPrologueRetry = -14;

export class LedJobs {
  readonly jobs = new Map<string, LedJob>();
  readonly #mom: Mom;

  constructor(mom: Mom) {
    this.#mom = mom;
  }

  /** Takes the order; what follows is reported to the server. */
  start(order: JobOrder): void {
    const job: LedJob = {
      order,
      state: 'PRERUN',
      pid: null,
      startMs: Date.now(),
      walltime: null,
      prologueRan: false,
    };
    this.jobs.set(order.id, job);
    void this.#prepare(job);
  }

  /** The sisters join first. One that does not trust us leaves the job hanging in PRERUN for ever. */
  async #prepare(job: LedJob): Promise<void> {
    const joined = await joinSisters(job.order, this.#mom.trustName);
    if (joined === 'hangs') return;
    if (joined === 'failed') {
      this.#finish(job, { kind: 'not-started', exitStatus: exitNotStarted });
      return;
    }
    try {
      await this.#run(job);
    } catch (error) {
      this.#mom.log(`${job.order.id};not started: ${messageOf(error)}`);
      this.#finish(job, { kind: 'not-started', exitStatus: exitNotStarted });
    }
  }

  async #run(job: LedJob): Promise<void> {
    if (this.#isOver(job)) return;
    const { order } = job;
    const { home, settings } = this.#mom;
    if (settings.closedHomeFolders === 'fail-jobs') requireOpenFolders(home);
    const account = this.#mom.accountFor(order.owner);
    const files = writeJobFiles(home, order, account);
    const outputs = openOutputs(files, order.join);
    const code = await runJobScript('prologue', {
      home,
      order,
      account,
      nodeIndex: 0,
      outputs,
      end: null,
      sessionId: 0,
    });
    if (code !== 0 || this.#isOver(job)) {
      closeOutputs(outputs);
      this.#prologueFailed(job, code);
      return;
    }
    job.prologueRan = true;
    const env = jobEnvironment({ ...this.#mom.environment, nodeIndex: 0, slotIndex: 0, account }, order);
    const own = order.script.startsWith('#!') && order.shell === null;
    const argv = own ? [files.script] : [order.shell?.split(',')[0] ?? '/bin/sh', files.script];
    const child = spawn(argv[0] ?? '/bin/sh', argv.slice(1), {
      cwd: workingFolder(env),
      env,
      detached: true,
      ...ids(account),
      stdio: ['ignore', outputs.stdout, outputs.stderr],
    });
    closeOutputs(outputs);
    child.on('error', (error) => {
      this.#mom.log(`${order.id};not started: ${error.message}`);
      this.#finish(job, { kind: 'not-started', exitStatus: exitNotStarted });
    });
    if (child.pid === undefined) return;
    job.state = 'RUNNING';
    job.pid = child.pid;
    job.startMs = Date.now();
    saveRecord(home, { order, pid: child.pid, startMs: job.startMs });
    this.#watchWalltime(job);
    void this.#mom.tellServer({ op: 'job-started', id: order.id, sessionId: child.pid });
    child.on('exit', (code, signal) => {
      this.#exited(job, code ?? 256 + (signalNumbers[signal ?? 'SIGKILL'] ?? 9));
    });
  }

  #isOver(job: LedJob): boolean {
    return this.jobs.get(job.order.id) !== job || job.state !== 'PRERUN';
  }

  /** Exit code 1 ends the job, any other lets it wait again; 6.1.3 then gives it exit status -14. */
  #prologueFailed(job: LedJob, code: number): void {
    if (this.#isOver(job)) return;
    this.#mom.log(`${job.order.id};prolog failed, rc = ${code}`);
    if (code !== 1) this.#finish(job, { kind: 'not-started', exitStatus: exitPrologueRetry });
    else
      this.#finish(job, { kind: 'exit', exitStatus: exitPrologueAbort, walltimeS: 0, memKb: 0, vmemKb: 0 });
  }

  #watchWalltime(job: LedJob): void {
    const limitS = job.order.walltimeS;
    if (limitS === null || job.pid === null) return;
    const { pid } = job;
    const leftMs = Math.min(job.startMs + limitS * 1000 - Date.now(), 2 ** 31 - 1);
    job.walltime = setTimeout(
      () => {
        this.#mom.log(`${job.order.id};walltime exceeded`);
        endGroup(pid, this.#mom.settings.killDelayMs);
      },
      Math.max(0, leftMs),
    );
  }

  #exited(job: LedJob, exitStatus: number): void {
    // What the script left running ends with it.
    if (job.pid !== null) signalGroup(job.pid, 'SIGKILL');
    const walltimeS = Math.floor((Date.now() - job.startMs) / 1000);
    this.#finish(job, { kind: 'exit', exitStatus, walltimeS, memKb: 0, vmemKb: 0 });
  }

  #finish(job: LedJob, end: JobEnd): void {
    if (job.state === 'EXITING') return;
    job.state = 'EXITING';
    if (job.walltime !== null) clearTimeout(job.walltime);
    void this.#tidyUp(job, end);
  }

  /** The sisters first, then the own epilogue, whose output is still the job's; then the server is told. */
  async #tidyUp(job: LedJob, end: JobEnd): Promise<void> {
    const { order } = job;
    const { home } = this.#mom;
    this.#mom.tasks.end(order.id);
    await releaseSisters(order, end);
    if (job.prologueRan) await this.#epilogue(job, end);
    if (end.kind === 'exit') deliverOutputs(home, order, this.#mom.accountFor(order.owner));
    await this.#mom.tellServer({ op: 'job-ended', id: order.id, end });
    removeJobFiles(home, order.id);
    if (this.jobs.get(order.id) === job) this.jobs.delete(order.id);
  }

  async #epilogue({ order, pid }: LedJob, end: JobEnd): Promise<void> {
    const { home } = this.#mom;
    const outputs = openOutputs(jobFiles(home, order.id), order.join);
    const code = await runJobScript('epilogue', {
      home,
      order,
      account: this.#mom.accountFor(order.owner),
      nodeIndex: 0,
      outputs,
      end,
      sessionId: pid ?? 0,
    });
    closeOutputs(outputs);
    if (code !== 0) this.#mom.log(`${order.id};system epilog failed w/rc=${code}`);
  }

  /** qdel and the deletion of a node. False when the job is not here. */
  end(id: string): boolean {
    const job = this.jobs.get(id);
    if (job === undefined) return false;
    if (job.pid === null) this.#finish(job, { kind: 'not-started', exitStatus: 271 });
    else endGroup(job.pid, this.#mom.settings.killDelayMs);
    return true;
  }

  /** `momctl -c`: forgets a job without asking anybody; its processes stay. */
  clear(id: string): void {
    const job = this.jobs.get(id);
    if (job === undefined) return;
    if (job.walltime !== null) clearTimeout(job.walltime);
    this.jobs.delete(id);
    removeJobFiles(this.#mom.home, id);
  }

  /**
   * After a start: goes on with jobs that were running (`-p` and the default), or gives them back to
   * the server, leaving their processes (`-q`) or ending them (`-r`).
   */
  recover(how: 'go-on' | 'requeue' | 'kill-and-requeue'): void {
    for (const record of readRecords(this.#mom.home)) {
      const job: LedJob = {
        order: record.order,
        state: 'RUNNING',
        pid: record.pid,
        startMs: record.startMs,
        walltime: null,
        prologueRan: true,
      };
      this.jobs.set(record.order.id, job);
      if (how === 'go-on') this.#watch(job, record);
      else {
        if (how === 'kill-and-requeue') signalGroup(record.pid, 'SIGKILL');
        this.#finish(job, { kind: 'not-started', exitStatus: exitNotStarted });
      }
    }
  }

  /** Its exit status went to the mom that is gone; 6.1.3 then reports 0. */
  #watch(job: LedJob, record: JobRecord): void {
    this.#watchWalltime(job);
    const timer = setInterval(() => {
      if (isRunning(record.pid) && job.state === 'RUNNING') return;
      clearInterval(timer);
      if (job.state === 'RUNNING') this.#exited(job, 0);
    }, watchMs);
  }
}

const signalNumbers: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** The user's home, as a login shell would have it; else where the job was submitted. */
function workingFolder(env: Readonly<Record<string, string>>): string {
  const candidates = [env['HOME'], env['PBS_O_WORKDIR'], '/'];
  const isFolder = (p: string): boolean => statSync(p, { throwIfNoEntry: false })?.isDirectory() === true;
  return candidates.find((p) => p !== undefined && isFolder(p)) ?? '/';
}

/** A job's user must be able to pass every folder above the mom's home. */
function requireOpenFolders(home: string): void {
  for (let folder = realpathSync(home); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) throw new Error(`${folder} is closed to the job's user`);
  }
}
