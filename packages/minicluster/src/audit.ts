/**
 * What the cluster itself says about its jobs, nodes and tasks: the outside auditor of demo and tests.
 * It reads `qstat`, `pbsnodes` and the master's `/state` by patterns of its own and shares no code with
 * the scheduler, so that neither hides the other's mistakes.
 */

export interface JobSeen {
  readonly id: string;
  readonly name: string;
  /** `job_state`: Q, R, C, H … */
  readonly state: string;
  /** `exit_status`; null while the job has not ended. */
  readonly exitStatus: number | null;
  readonly comment: string;
  /** `exec_host` without the slots: the nodes it runs or ran on, the mother superior first. */
  readonly hosts: readonly string[];
}

export interface NodeSeen {
  readonly name: string;
  readonly states: readonly string[];
  /** `requestid`: whose node it is; empty for nodes of the administrator's. */
  readonly requestId: string;
  readonly jobs: string;
  readonly np: number;
  readonly properties: readonly string[];
  /** Empty where there is none. */
  readonly note: string;
}

export interface TaskSeen {
  readonly id: string;
  readonly state: string;
  readonly frameworkId: string;
}

/** Jobs in the output of `qstat -f -x -t`, without the entries that stand for a whole array. */
export function jobsIn(qstatXml: string): readonly JobSeen[] {
  return elements(qstatXml, 'Job')
    .map((job) => ({
      id: text(job, 'Job_Id'),
      name: text(job, 'Job_Name'),
      state: text(job, 'job_state'),
      exitStatus: job.includes('<exit_status>') ? Number(text(job, 'exit_status')) : null,
      comment: text(job, 'comment'),
      hosts: words(text(job, 'exec_host'), '+').map((part) => part.replace(/\/.*$/, '')),
    }))
    .filter(({ id }) => !id.includes('[]'));
}

/** Nodes in the output of `pbsnodes -x`; no output means no nodes. */
export function nodesIn(pbsnodesXml: string): readonly NodeSeen[] {
  return elements(pbsnodesXml, 'Node').map((node) => ({
    name: text(node, 'name'),
    states: text(node, 'state').split(','),
    requestId: text(node, 'requestid'),
    jobs: text(node, 'jobs'),
    np: Number(text(node, 'np')),
    properties: words(text(node, 'properties'), ','),
    note: text(node, 'note'),
  }));
}

interface StateJson {
  readonly frameworks?: readonly FrameworkJson[];
  readonly completed_frameworks?: readonly FrameworkJson[];
  readonly unregistered_frameworks?: readonly unknown[];
}

interface FrameworkJson {
  readonly id: string;
  readonly tasks?: readonly TaskJson[];
  readonly unreachable_tasks?: readonly TaskJson[];
  readonly completed_tasks?: readonly TaskJson[];
}

interface TaskJson {
  readonly id: string;
  readonly state: string;
}

export interface TasksSeen {
  /** Tasks that hold resources. */
  readonly live: readonly TaskSeen[];
  readonly ended: readonly TaskSeen[];
}

/** Tasks in the master's `/state`. */
export function tasksIn(stateJson: string): TasksSeen {
  const state = JSON.parse(stateJson) as StateJson;
  const current = state.frameworks ?? [];
  const past = state.completed_frameworks ?? [];
  return {
    live: current.flatMap((fw) => named(fw, [...(fw.tasks ?? []), ...(fw.unreachable_tasks ?? [])])),
    ended: [...current, ...past].flatMap((fw) => named(fw, fw.completed_tasks ?? [])),
  };
}

function named(framework: FrameworkJson, tasks: readonly TaskJson[]): TaskSeen[] {
  return tasks.map(({ id, state }) => ({ id, state, frameworkId: framework.id }));
}

function words(list: string, separator: string): readonly string[] {
  return list.split(separator).filter((word) => word !== '');
}

function elements(xml: string, tag: string): string[] {
  return [...xml.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map((match) => match[1] ?? '');
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function text(xml: string, tag: string): string {
  const raw = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(xml)?.[1] ?? '';
  return raw.replaceAll(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}
