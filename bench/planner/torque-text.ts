/** A queue and its nodes as TORQUE 6.1.3 prints them: about 1.4 kB for a job and 0.75 kB for a node. */
import type { BenchJob } from './jobs.ts';
import { benchNowS } from './jobs.ts';

const server = 'head.example.org';

/** `qstat -f -x -t`, record by record. */
export function* qstatText(jobs: Iterable<BenchJob>): Generator<string> {
  yield '<?xml version="1.0"?>\n<Data>';
  for (const job of jobs) yield jobText(job);
  yield '</Data>\n';
}

function jobText(job: BenchJob): string {
  const { id, name, owner, state, queue, execHost, comment, queuedAtS } = job;
  const home = `/home/${owner}`;
  return (
    `<Job><Job_Id>${id}.${server}</Job_Id><Job_Name>${name}</Job_Name><Job_Owner>${owner}@${server}</Job_Owner>` +
    `<job_state>${state}</job_state><queue>${queue}</queue><server>${server}</server><Checkpoint>u</Checkpoint>` +
    `<ctime>${queuedAtS}</ctime><Error_Path>${server}:${home}/${name}.e${id}</Error_Path>` +
    (execHost === null ? '' : `<exec_host>${execHost}</exec_host>`) +
    `<Hold_Types>${state === 'H' ? 'u' : 'n'}</Hold_Types><Join_Path>n</Join_Path><Keep_Files>n</Keep_Files>` +
    `<Mail_Points>a</Mail_Points><mtime>${queuedAtS}</mtime><Output_Path>${server}:${home}/${name}.o${id}</Output_Path>` +
    `<Priority>0</Priority><qtime>${queuedAtS}</qtime><Rerunable>True</Rerunable><Resource_List>` +
    job.resources.map(([key, value]) => `<${key}>${value}</${key}>`).join('') +
    `</Resource_List><substate>10</substate><Variable_List>PBS_O_QUEUE=${queue},PBS_O_HOME=${home},PBS_O_LOGNAME=${owner},` +
    'PBS_O_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin,PBS_O_SHELL=/bin/bash,PBS_O_LANG=C.UTF-8,' +
    `PBS_O_WORKDIR=${home}/runs/2026,PBS_O_HOST=${server},PBS_O_SERVER=${server}</Variable_List>` +
    `<euser>${owner}</euser><egroup>users</egroup><queue_rank>${queuedAtS % 1_000_000}</queue_rank><queue_type>E</queue_type>` +
    (comment === null ? '' : `<comment>${comment}</comment>`) +
    (state === 'H' ? '' : `<etime>${queuedAtS}</etime>`) +
    `<submit_args>-q ${queue} -N ${name} run.sh</submit_args><fault_tolerant>False</fault_tolerant><job_radix>0</job_radix>` +
    `<submit_host>${server}</submit_host><init_work_dir>${home}/runs/2026</init_work_dir>` +
    '<request_version>1</request_version></Job>'
  );
}

export interface BenchNode {
  readonly name: string;
  readonly np: number;
  readonly properties: readonly string[];
  readonly requestId: string | null;
  readonly state: string;
  /** `0-3/17.head`, empty without jobs. */
  readonly jobs: string;
}

/** `pbsnodes -x`, record by record. */
export function* pbsnodesText(nodes: Iterable<BenchNode>): Generator<string> {
  yield '<Data>';
  for (const node of nodes) yield nodeText(node);
  yield '</Data>\n';
}

function nodeText({ name, np, properties, requestId, state, jobs }: BenchNode): string {
  return (
    `<Node><name>${name}</name><state>${state}</state><power_state>Running</power_state><np>${np}</np>` +
    (properties.length === 0 ? '' : `<properties>${properties.join(',')}</properties>`) +
    `<ntype>cluster</ntype>${jobs === '' ? '' : `<jobs>${jobs}</jobs>`}` +
    `<status>opsys=linux,uname=Linux ${name} 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC x86_64,nsessions=0,nusers=0,` +
    'idletime=191350,totmem=66068480kb,availmem=60097996kb,physmem=66068480kb,ncpus=16,loadave=3.17,gres=,netload=55530,' +
    `state=free,varattr= ,cpuclock=Fixed,macaddr=be:4d:3c:01:39:9d,version=6.1.3.h5,rectime=${benchNowS},jobs=</status>` +
    '<mom_service_port>15002</mom_service_port><mom_manager_port>15003</mom_manager_port>' +
    (requestId === null ? '' : `<requestid>${requestId}</requestid>`) +
    '</Node>'
  );
}

/** The id of a job with its server, as TORQUE prints it. */
export function fullId(id: string): string {
  return `${id}.${server}`;
}
