/**
 * The orders of a task, checked: what the scheduler sent becomes part of command lines and files, so
 * nothing of it is used before it was found to be what it should be.
 */
import path from 'node:path';
import { quote } from '@mesos-torque/common/text.ts';
import type { MomOrders } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { readHooks } from './job-scripts/hook-orders.ts';
import type { Hook } from './job-scripts/scripts.ts';
import { defaultManagerPort, defaultServicePort } from './mom-args.ts';

/** Orders that can be carried out; nothing is optional any more. */
export interface CheckedOrders {
  readonly nodeName: string;
  /** `host` or `host:port`. */
  readonly pbsServer: string;
  readonly servicePort: number;
  readonly managerPort: number;
  readonly configLines: readonly string[];
  readonly healthIntervalMs: number;
  /** A name to be looked up on `path`, or an absolute path. */
  readonly pbsMom: string;
  readonly momctl: string;
  readonly path: string;
  /** The folder in which the home is made; null for the sandbox. */
  readonly homesDir: string | null;
  /** The host's own TORQUE home, used as it is; null where one is made. */
  readonly hostHome: string | null;
  /** Null where nothing is to be prepared for MPI. */
  readonly mpi: MpiPart | null;
  readonly hooks: readonly Hook[];
  /** Restarts of pbs_mom within an hour. */
  readonly restartsMax: number;
  /** Whether a stop that the scheduler orders waits for jobs. */
  readonly waitForJobs: boolean;
  /** Of mom_priv/mom.layout; empty for no such file. */
  readonly layoutLines: readonly string[];
}

export interface MpiPart {
  /** A name to be looked up on `path`, or an absolute path. */
  readonly pbsdsh: string;
  /** Further lines of pbs_environment, `NAME=VALUE`. */
  readonly environment: readonly string[];
  readonly mpd: boolean;
}

export type OrdersCheck =
  { readonly ok: true; readonly orders: CheckedOrders } | { readonly ok: false; readonly error: string };

const hostPattern = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9](?:[a-z0-9-]{0,62}))*$/i;
const configLinesMax = 1000;
const restartsMaxMax = 100;
/** pbs_mom 6.1.3 reads its configuration in lines of this size. */
const configLineCharsMax = 2000;
const pathCharsMax = 4096;
const environmentLinesMax = 100;
/** pbs_mom reads `pbs_environment` in pieces of 254 characters; a longer line would become two. */
export const environmentCharsMax = 250;
const healthIntervalMsDefault = 5000;
const healthIntervalMsMin = 100;
const healthIntervalMsMax = 600_000;

/** The first fault is told; it quotes the value. */
export function checkOrders(orders: MomOrders): OrdersCheck {
  const error = faultOf(orders) ?? mpiFault(orders.mpi);
  if (error !== null) return { ok: false, error };
  const hooks = readHooks(orders.jobHooks);
  if (!hooks.ok) return hooks;
  return {
    ok: true,
    orders: {
      nodeName: orders.nodeName,
      pbsServer: orders.pbsServer,
      servicePort: orders.momServicePort === 0 ? defaultServicePort : orders.momServicePort,
      managerPort: orders.momManagerPort === 0 ? defaultManagerPort : orders.momManagerPort,
      configLines: orders.momConfigLines,
      healthIntervalMs: orders.healthIntervalMs === 0 ? healthIntervalMsDefault : orders.healthIntervalMs,
      pbsMom: orders.pbsMom,
      momctl: orders.momctl,
      path: orders.path,
      homesDir: orders.torqueHome === '' || orders.hostHome ? null : orders.torqueHome,
      hostHome: orders.hostHome ? orders.torqueHome : null,
      mpi: orders.mpi ?? null,
      hooks: hooks.hooks,
      restartsMax: Math.min(orders.restartsMax, restartsMaxMax),
      waitForJobs: orders.waitForJobs,
      layoutLines: orders.momLayoutLines,
    },
  };
}

function faultOf(orders: MomOrders): string | null {
  const interval = orders.healthIntervalMs;
  const badLine = orders.momConfigLines.find((line) => !isText(line, configLineCharsMax));
  if (!hostPattern.test(orders.nodeName)) return `node_name ${quote(orders.nodeName)} is no host name`;
  if (!isServer(orders.pbsServer))
    return `pbs_server ${quote(orders.pbsServer)} is neither host nor host:port`;
  if (!isPort(orders.momServicePort)) return `mom_service_port ${orders.momServicePort} is no port`;
  if (!isPort(orders.momManagerPort)) return `mom_manager_port ${orders.momManagerPort} is no port`;
  if (orders.momServicePort === orders.momManagerPort && orders.momServicePort !== 0) {
    return `mom_service_port and mom_manager_port are both ${orders.momServicePort}`;
  }
  if (orders.momConfigLines.length > configLinesMax)
    return `mom_config_lines are more than ${configLinesMax}`;
  const badLayout = orders.momLayoutLines.find((line) => !isText(line, configLineCharsMax));
  if (badLayout !== undefined) return `mom_layout_lines: ${quote(badLayout)} is not one line of text`;
  if (badLine !== undefined) return `mom_config_lines: ${quote(badLine)} is not one line of text`;
  if (interval !== 0 && (interval < healthIntervalMsMin || interval > healthIntervalMsMax)) {
    return `health_interval_ms ${interval} is not between ${healthIntervalMsMin} and ${healthIntervalMsMax}`;
  }
  if (!isProgram(orders.pbsMom))
    return `pbs_mom ${quote(orders.pbsMom)} is neither a name nor an absolute path`;
  if (!isProgram(orders.momctl))
    return `momctl ${quote(orders.momctl)} is neither a name nor an absolute path`;
  if (!isText(orders.path, pathCharsMax)) return `path ${quote(orders.path)} cannot be a PATH`;
  if (orders.hostHome && orders.torqueHome === '') return 'host_home without torque_home, its path';
  if (orders.torqueHome !== '' && !isFolder(orders.torqueHome)) {
    return `torque_home ${quote(orders.torqueHome)} is no absolute path`;
  }
  return null;
}

function mpiFault(mpi: MomOrders['mpi']): string | null {
  if (mpi === undefined) return null;
  if (!isProgram(mpi.pbsdsh)) return `mpi.pbsdsh ${quote(mpi.pbsdsh)} is neither a name nor an absolute path`;
  if (mpi.environment.length > environmentLinesMax) {
    return `mpi.environment has more than ${environmentLinesMax} lines`;
  }
  const bad = mpi.environment.find((line) => !isVariable(line));
  return bad === undefined
    ? null
    : `mpi.environment: ${quote(bad)} is not NAME=VALUE of up to ${environmentCharsMax} characters`;
}

function isVariable(line: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*=/.test(line) && isText(line, environmentCharsMax);
}

function isServer(text: string): boolean {
  const [host = '', port, ...rest] = text.split(':');
  if (rest.length > 0 || !hostPattern.test(host)) return false;
  return port === undefined || (/^[0-9]{1,5}$/.test(port) && Number(port) > 0 && Number(port) <= 65_535);
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65_535;
}

function isText(text: string, charsMax: number): boolean {
  return text.length <= charsMax && !/\p{Cc}/u.test(text.replaceAll('\t', ' '));
}

function isProgram(program: string): boolean {
  return isFolder(program) || /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}$/.test(program);
}

function isFolder(folder: string): boolean {
  return path.isAbsolute(folder) && isText(folder, pathCharsMax);
}
