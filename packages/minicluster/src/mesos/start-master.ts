/** The stand-in's master, within this process. */
import { systemClock } from '@mesos-torque/common/clock.ts';
import { stoppable } from './stoppable-clock.ts';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { allocate } from './master/allocator.ts';
import { masterHandler } from './master/http.ts';
import { MasterInfo } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { createMaster, masterInfo, type Master, type MasterOptions } from './master/master.ts';
import { offersWhere, rescind } from './master/offers.ts';
import { listen } from './wire/http.ts';
import { stand, type Candidacy } from './zookeeper/candidacy.ts';
import { zooTarget } from './zookeeper/zoo.ts';

export interface RunningMaster {
  /** `http://127.0.0.1:5050`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Settles when the master has to end, for it has lost ZooKeeper; never for one alone. */
  readonly lost: Promise<string>;
  /** Takes back every open offer, as a master may at any moment; says how many there were. */
  rescindOffers(): number;
  /** Ends as a killed master does: streams break off, agents and executors stay. */
  close(): Promise<void>;
}

export const masterDefaults: MasterOptions = {
  host: '127.0.0.1',
  port: 0,
  allocationIntervalMs: 1_000,
  heartbeatIntervalMs: 15_000,
  agentPingTimeoutMs: 15_000,
  maxAgentPingTimeouts: 5,
  frameworksMax: 100,
  agentsMax: 1_000,
  bodyBytesMax: 16 * 1024 * 1024,
  streamQueueBytesMax: 64 * 1024 * 1024,
  completedFrameworksMax: 50,
  completedTasksMax: 1_000,
  zk: null,
  zkSessionTimeoutMs: 10_000,
  testCalls: false,
  clock: systemClock,
  log: silentLog,
};

/** Rejects when the port cannot be had. */
export async function startMaster(options: Partial<MasterOptions> = {}): Promise<RunningMaster> {
  const timers = stoppable(options.clock ?? systemClock);
  const master = createMaster({ ...masterDefaults, ...options, clock: timers.clock });
  const { host } = master.options;
  const server = await listen(masterHandler(master), host, master.options.port, (error) => {
    master.log.error('request failed', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  });
  master.port = server.port;
  const candidacy = candidacyOf(master);
  if (candidacy !== null) master.standing = () => candidacy.standing();
  allocate(master);
  return {
    url: `http://${host}:${server.port}`,
    host,
    port: server.port,
    lost: candidacy?.lost ?? new Promise<string>(() => undefined),
    rescindOffers() {
      const offers = offersWhere(master, () => true);
      rescind(master, offers);
      return offers.length;
    },
    async close() {
      candidacy?.stop();
      timers.stop();
      await server.close();
    },
  };
}

function candidacyOf(master: Master): Candidacy | null {
  const { zk, zkSessionTimeoutMs: sessionTimeoutMs } = master.options;
  if (zk === null) return null;
  const target = zooTarget(zk);
  if (target === null) throw new Error(`--zk ${zk} is not zk://host:port,host:port/path`);
  const { clock, log } = master;
  const info = JSON.stringify(MasterInfo.toJSON(masterInfo(master)));
  return stand({ target, info, sessionTimeoutMs, clock, log });
}
