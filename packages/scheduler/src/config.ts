/**
 * The configuration as the program uses it: read, checked as a whole, nothing optional. The options
 * themselves, with units, defaults and reasons, are in `config-options.ts`.
 */
import path from 'node:path';
import type { Arch } from './api/executor-files.ts';
import { groupingAttributes } from './core/constraints.ts';
import type { Policy } from './core/policy.ts';
import type { Values } from './config-options.ts';
import { momOf, type MomConfig } from './config-mom.ts';
import type { AgentTlsFiles } from './mesos/executor-environment.ts';
import { contradictions } from './config-rules.ts';
import { missingError, readOptions, type ConfigSources } from './config-read.ts';

export interface Config {
  readonly mesos: MesosConfig;
  readonly torque: TorqueConfig;
  readonly server: ServerConfig;
  readonly executor: ExecutorConfig;
  readonly policy: Policy;
  readonly ha: HaConfig;
  readonly stateDir: string;
  readonly http: HttpConfig;
  readonly control: ControlConfig;
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error' };
}

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  readonly advertise: string;
  /** Null: the one that came with the scheduler. */
  readonly dashboardDir: string | null;
}

export interface ControlConfig {
  readonly socket: string;
  /** Null: nobody but on the socket may change anything. */
  readonly tokenFile: string | null;
  /** `host:port`; null: on the socket alone. Then `tlsCert` and `tlsKey` are not null. */
  readonly listen: string | null;
  readonly tlsCert: string | null;
  readonly tlsKey: string | null;
  /** Authorities of those who may ask over `listen`; null: a token is enough. */
  readonly tlsClientCa: string | null;
}

export interface HaConfig {
  /** `zk://host:port,…/path`; null: this scheduler is alone. */
  readonly zookeeper: string | null;
  readonly zookeeperSecretFile: string | null;
  readonly sessionTimeoutMs: number;
}

export interface MesosConfig {
  /** `host:port` or URLs, separated by commas. */
  readonly master: string;
  readonly role: string;
  readonly user: string;
  readonly principal: string | null;
  readonly secretFile: string | null;
  /** Null: as `tlsCa` and `tlsCert` let expect. */
  readonly tls: boolean | null;
  readonly tlsCa: string | null;
  /** Not null exactly where `tlsKey` is not. */
  readonly tlsCert: string | null;
  readonly tlsKey: string | null;
  readonly zookeeperSecretFile: string | null;
  readonly agentSecretFile: string | null;
  readonly otherRegions: boolean;
  readonly tellWishes: boolean;
  readonly keepToFairShare: boolean;
  readonly frameworkName: string;
  readonly failoverTimeoutMs: number;
  readonly webuiUrl: string | null;
  readonly encoding: 'protobuf' | 'json';
}

export interface TorqueConfig {
  /** The host of pbs_server, as moms know it. */
  readonly server: string;
  /** Null: TORQUE's programs are on the PATH. */
  readonly binDir: string | null;
  readonly pollMs: number;
  readonly quietPollMs: number;
  readonly commandTimeoutMs: number;
  readonly manageServer: boolean;
  readonly schedulerIterationS: number;
  readonly nodeCheckRateS: number;
  readonly keepCompletedS: number;
  readonly queueLimits: boolean;
  readonly checkNames: boolean;
  /** Null: none is kept. */
  readonly hostsFile: string | null;
  readonly placeholder: { readonly node: string; readonly np: number };
}

/** Who runs pbs_server and TORQUE's scheduler. */
export interface ServerConfig {
  /** Whether `torque.server` was named; if not, TORQUE's own `server_name` tells its clients. */
  readonly isNamed: boolean;
  readonly mode: 'manage' | 'attach' | 'manage-as-root';
  /** Null: as pbs_server says. */
  readonly home: string | null;
  readonly sbinDir: string | null;
  readonly createDatabase: boolean;
  readonly onEnd: 'leave' | 'stop';
  readonly startsMax: number;
  readonly startsWindowMs: number;
  readonly watchMs: number;
  readonly scheduler: 'pbs_sched' | 'maui' | 'moab' | 'none' | 'command';
  readonly schedulerCommand: readonly string[];
  readonly schedulerBinDir: string | null;
  readonly releasesMax: number;
  readonly probeUser: string;
}

export interface ExecutorConfig {
  /** Out of the processors of the node. */
  readonly cpuMilli: number;
  /** Null: the executor that was built with the scheduler. */
  readonly file: string | null;
  /** Null: agents fetch it from us. */
  readonly uri: string | null;
  readonly uriCache: boolean;
  /** Empty: what is fetched from `uri` is not verified. */
  readonly uriSha256s: readonly string[];
  /** Paths on the agents. */
  readonly agentTls: AgentTlsFiles;
  /** Of agents that do not tell theirs; null: as ours. */
  readonly arch: Arch | null;
  readonly archAttribute: string | null;
  readonly path: string;
  /** A Docker image for executor and mom; null: the agent's own file system. */
  readonly image: string | null;
  /** What the orders of each mom are made of. */
  readonly mom: MomConfig;
}

export type ConfigResult<T> =
  | { readonly ok: true; readonly value: T }
  /** One sentence for each thing that is wrong. */
  | { readonly ok: false; readonly errors: readonly string[] };

/** The whole configuration. `hostName` is the name of the host that we run on. */
export function readConfig(sources: ConfigSources, hostName: string): ConfigResult<Config> {
  const { values, missing, errors } = readOptions(sources);
  const all = [...errors, ...missing.map(missingError), ...contradictions(values)];
  if (all.length > 0) return { ok: false, errors: all };
  return { ok: true, value: configOf(values as Values, hostName) };
}

/** The policy alone: options that only a running scheduler needs may be missing, not wrong. */
export function readPolicy(sources: ConfigSources, hostName: string): ConfigResult<Policy> {
  const { values, errors } = readOptions(sources);
  const all = [...errors, ...contradictions(values)];
  if (all.length > 0) return { ok: false, errors: all };
  // Only mesos.master has no default, and the policy does not look at it.
  return { ok: true, value: policyOf(values as Values, hostName) };
}

/** What setting up pbs_server takes. */
export type SetupConfig = Pick<Config, 'torque' | 'server' | 'policy' | 'stateDir'>;

/** For setting up pbs_server: options that only a running scheduler needs may be missing, not wrong. */
export function readSetup(sources: ConfigSources, hostName: string): ConfigResult<SetupConfig> {
  const { values, errors } = readOptions(sources);
  const all = [...errors, ...contradictions(values)];
  if (all.length > 0) return { ok: false, errors: all };
  // Only mesos.master has no default, and pbs_server does not look at it.
  const given = values as Values;
  return {
    ok: true,
    value: {
      torque: torqueOf(given, hostName),
      server: serverSideOf(given),
      policy: policyOf(given, hostName),
      stateDir: path.resolve(given.stateDir),
    },
  };
}

/** Where a command finds the scheduler. */
export interface PlaceConfig {
  readonly socket: string;
  readonly client: {
    /** `host:port`; null: at the socket. */
    readonly api: string | null;
    readonly tlsCa: string | null;
    readonly tlsCert: string | null;
    readonly tlsKey: string | null;
    readonly tokenFile: string | null;
  };
}

/** Where the scheduler answers; other options may be missing, not wrong. */
export function readPlace(sources: ConfigSources): ConfigResult<PlaceConfig> {
  const { values: read, errors } = readOptions(sources);
  if (errors.length > 0) return { ok: false, errors };
  const values = read as Values;
  const client = {
    api: values['client.api'],
    tlsCa: values['client.tlsCa'],
    tlsCert: values['client.tlsCert'],
    tlsKey: values['client.tlsKey'],
    tokenFile: values['client.tokenFile'],
  };
  return { ok: true, value: { socket: socketOf(values), client } };
}

function socketOf(values: Values): string {
  return values['control.socket'] ?? path.resolve(values.stateDir, 'control.sock');
}

function configOf(values: Values, hostName: string): Config {
  return {
    mesos: {
      master: values['mesos.master'].join(','),
      role: values['mesos.role'],
      user: values['mesos.user'],
      principal: values['mesos.principal'],
      secretFile: values['mesos.secretFile'],
      tls: values['mesos.tls'],
      tlsCa: values['mesos.tlsCa'],
      tlsCert: values['mesos.tlsCert'],
      tlsKey: values['mesos.tlsKey'],
      zookeeperSecretFile: values['mesos.zookeeperSecretFile'],
      agentSecretFile: values['mesos.agentSecretFile'],
      otherRegions: values['mesos.otherRegions'],
      tellWishes: values['mesos.tellWishes'],
      keepToFairShare: values['mesos.keepToFairShare'],
      frameworkName: values['mesos.frameworkName'],
      failoverTimeoutMs: values['mesos.failoverTimeout'],
      webuiUrl: values['mesos.webuiUrl'],
      encoding: values['mesos.encoding'],
    },
    torque: torqueOf(values, hostName),
    server: serverSideOf(values),
    executor: {
      cpuMilli: values['executor.cpus'],
      file: values['executor.file'],
      uri: values['executor.uri'],
      uriCache: values['executor.uriCache'],
      uriSha256s: values['executor.uriSha256'],
      agentTls: {
        ca: values['executor.tlsCa'],
        cert: values['executor.tlsCert'],
        key: values['executor.tlsKey'],
      },
      arch: values['executor.arch'],
      archAttribute: values['executor.archAttribute'],
      path: values['executor.path'],
      image: values['executor.image'],
      mom: momOf(values),
    },
    policy: policyOf(values, hostName),
    ha: {
      zookeeper: values['ha.zookeeper'],
      zookeeperSecretFile: values['ha.zookeeperSecretFile'],
      sessionTimeoutMs: values['ha.sessionTimeout'],
    },
    stateDir: path.resolve(values.stateDir),
    http: {
      host: values['http.host'],
      port: values['http.port'],
      advertise: values['http.advertise'] ?? hostName,
      dashboardDir: values['http.dashboardDir'],
    },
    control: {
      socket: socketOf(values),
      tokenFile: values['control.tokenFile'],
      listen: values['control.listen'],
      tlsCert: values['control.tlsCert'],
      tlsKey: values['control.tlsKey'],
      tlsClientCa: values['control.tlsClientCa'],
    },
    log: { level: values['log.level'] },
  };
}

function torqueOf(values: Values, hostName: string): TorqueConfig {
  return {
    server: serverOf(values, hostName),
    binDir: values['torque.binDir'],
    pollMs: values['torque.pollInterval'],
    quietPollMs: values['torque.quietPollInterval'],
    commandTimeoutMs: values['torque.commandTimeout'],
    manageServer: values['torque.manageServer'],
    schedulerIterationS: Math.max(1, Math.round(values['torque.schedulerIteration'] / 1000)),
    nodeCheckRateS: Math.round(values['torque.nodeCheckRate'] / 1000),
    keepCompletedS: Math.round(values['torque.keepCompleted'] / 1000),
    queueLimits: values['torque.queueLimits'],
    checkNames: values['torque.checkNames'],
    hostsFile: values['torque.hostsFile'],
    placeholder: {
      node: placeholderOf(values, hostName),
      np: values['torque.placeholder.np'] ?? slotsOfSafeAllocation(values),
    },
  };
}

function serverSideOf(values: Values): ServerConfig {
  const mode = values['torque.mode'];
  const byServer = values['torque.server'] === null ? 'manage-as-root' : 'attach';
  return {
    isNamed: values['torque.server'] !== null,
    mode: mode === 'auto' ? byServer : mode,
    home: values['torque.home'],
    sbinDir: values['torque.sbinDir'],
    createDatabase: values['torque.createDatabase'],
    onEnd: values['torque.onEnd'],
    startsMax: values['torque.restartsMax'],
    startsWindowMs: values['torque.restartWindow'],
    watchMs: values['torque.watchInterval'],
    scheduler: values['torque.scheduler'],
    schedulerCommand: values['torque.schedulerCommand'],
    schedulerBinDir: values['torque.schedulerBinDir'],
    releasesMax: values['torque.releasesMax'],
    probeUser: values['torque.probeUser'] ?? 'nobody',
  };
}

function serverOf(values: Values, hostName: string): string {
  return (values['torque.server'] ?? hostName).toLowerCase();
}

function placeholderOf(values: Values, hostName: string): string {
  return values['torque.placeholder.node']?.toLowerCase() ?? serverOf(values, hostName);
}

/** As many slots as fit into the safe allocation; what is not limited counts as the most that qmgr takes. */
function slotsOfSafeAllocation(values: Values): number {
  const npMost = 65_535;
  const cpuMilli = values['policy.safeAllocation.cpus'];
  const nodes = values['policy.safeAllocation.nodes'];
  const byCpus = cpuMilli === null ? npMost : Math.floor(cpuMilli / values['policy.cpusPerSlot']);
  const byNodes = nodes === null ? npMost : nodes * values['policy.npMax'];
  return Math.max(1, Math.min(npMost, byCpus, byNodes));
}

function policyOf(values: Values, hostName: string): Policy {
  return {
    minSlotsHeld: values['policy.minSlotsHeld'],
    minComputeNode: { np: values['policy.minComputeNode.np'], memMib: values['policy.minComputeNode.mem'] },
    safeAllocation: {
      cpuMilli: values['policy.safeAllocation.cpus'],
      memMib: values['policy.safeAllocation.mem'],
      diskMib: values['policy.safeAllocation.disk'],
      gpus: values['policy.safeAllocation.gpus'],
      nodes: values['policy.safeAllocation.nodes'],
    },
    limitedBy: {},
    nodeSize: values['policy.nodeSize'],
    npMax: values['policy.npMax'],
    cpuMilliPerSlot: values['policy.cpusPerSlot'],
    memMibPerSlot: values['policy.memPerSlot'],
    executor: {
      // The executor's processors are part of the node's, see `executor.cpus`.
      cpuMilli: 0,
      memMib: values['executor.mem'],
      diskMib: values['executor.disk'],
      gpus: 0,
    },
    portsFromOffer: values['executor.portsFromOffer'],
    propertyAttributes: [
      ...new Set([
        ...values['policy.propertyAttributes'],
        ...groupingAttributes(values['policy.constraints']),
      ]),
    ],
    constraints: values['policy.constraints'],
    idleMs: values['policy.idleTime'],
    launchesInFlightMax: values['policy.launchesInFlightMax'],
    launchTimeMsMax: values['policy.launchTimeout'],
    registerTimeMsMax: values['policy.registerTimeout'],
    declineIdleS: secondsOf(values['policy.declineIdle']),
    declineUnfitS: secondsOf(values['policy.declineUnfit']),
    gangHoldMs: values['policy.gangHold'],
    reviveIntervalMs: values['policy.reviveInterval'],
    revivesUnansweredMax: values['policy.revivesUnansweredMax'],
    repeatMs: values['policy.repeatInterval'],
    killGraceMs: values['policy.killGrace'],
    agentBackoffMs: values['policy.agentBackoff'],
    agentBackoffMsMax: values['policy.agentBackoffMax'],
    maintenanceLeadMs: values['policy.maintenanceLead'],
    quarantineFailures: values['policy.quarantineFailures'],
    quarantineMs: values['policy.quarantineTime'],
    nodeActsMax: values['policy.nodeActsMax'],
    brakeShare: values['policy.brakeShare'] / 100,
    brakeNodesMin: values['policy.brakeNodesMin'],
    // Known once the executor was opened, see `run`.
    executorId: null,
    upgradesAtOnceMax: values['policy.upgradesAtOnce'],
    ownerMark: values['policy.ownerMark'],
    placeholderNodes: [placeholderOf(values, hostName)],
  };
}

function secondsOf(ms: number): number {
  return Math.ceil(ms / 1000);
}
