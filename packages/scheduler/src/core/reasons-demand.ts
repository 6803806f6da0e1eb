/** Reasons about jobs, launches and offers. */
import type { RoleLimit } from './role-limits.ts';
import { amount, grouped, unreachable, type ResourceKind } from '@mesos-torque/common/units.ts';
import type { Quarantine } from './quarantine.ts';
import type { AgentTrouble, JobState } from './facts.ts';
import { counted, quoted, seconds, type Reason } from './reasons.ts';

// Jobs that are no demand.

export function jobState(state: JobState): Reason {
  return { code: `job-${state}`, text: `is ${state === 'complete' ? 'complete' : state}` };
}

export function arrayTemplate(): Reason {
  return { code: 'array-template', text: 'stands for its elements, which are counted one by one' };
}

export function arraySlotLimit(array: string, limit: number): Reason {
  return {
    code: 'array-slot-limit',
    text: `array ${array} runs ${grouped(limit)} at once at the most, and others of it come first`,
  };
}

export function justStarted(node: string): Reason {
  return { code: 'just-started', text: `was just started on ${node}, as pbsnodes shows` };
}

export function otherReason(comment: string): Reason {
  return { code: 'not-for-nodes', text: `waits for something else than nodes: ${quoted(comment)}` };
}

export function notUnderstood(text: string, why: string): Reason {
  return { code: 'not-understood', text: `its request is not understood: ${quoted(text)} ${why}` };
}

// Jobs that can never run.

/** "asks 64 slots on one node, npMax is 32". */
export function tooBig(what: string, asked: number, allowed: number, limit: string): Reason {
  const over = grouped(asked - allowed);
  return {
    code: 'impossible',
    text: `asks ${grouped(asked)} ${what}, ${limit} allows ${grouped(allowed)}: ${over} too many`,
  };
}

export function tooMuch(kind: ResourceKind, asked: number, allowed: number, by: RoleLimit | null): Reason {
  // MiB alone may be memory or disk.
  const word = kind === 'memMib' || kind === 'diskMib' ? ` (${kindName(kind)})` : '';
  return {
    code: 'impossible',
    text:
      `needs ${amount(kind, asked)}${word} with the executors' share, ` +
      `${limitName(by)} allows ${amount(kind, allowed)}: ${amount(kind, asked - allowed)} too much`,
  };
}

// Jobs that are served, and jobs that wait.

export function fitsNow(nodes: readonly string[]): Reason {
  return { code: 'fits-now', text: `fits on ${listed(nodes)}, waits for the TORQUE scheduler` };
}

export function nodesOnTheirWay(nodes: readonly string[]): Reason {
  const up = nodes.length === 1 ? 'it is up' : 'all are up';
  return { code: 'nodes-on-their-way', text: `will run on ${listed(nodes)}, once ${up}` };
}

export function demandNotTrusted(): Reason {
  return {
    code: 'readings-missing',
    text: 'nothing is launched for it until queue, nodes and tasks have been read and Mesos hears us',
  };
}

export function noOffers(): Reason {
  return { code: 'no-offers', text: 'no free slots fit it, and Mesos offers nothing at this moment' };
}

/** The closest of what was offered a moment ago. */
export function noneOffersNow(agents: number, closest: Reason): Reason {
  const { text } = noOffers();
  const lately = `of ${counted(agents, 'agent')} that offered lately, the nearest: ${closest.text}`;
  return { code: closest.code, text: `${text}; ${lately}` };
}

/** The closest offer, and how far it was off. */
export function offersUnfit(offers: number, closest: Reason): Reason {
  const text =
    offers === 1
      ? `the one offer does not fit: ${closest.text}`
      : `none of ${counted(offers, 'offer')} fits; the closest: ${closest.text}`;
  return { code: closest.code, text };
}

/** "host: asked node77, and none of 3 offers is of it: they are of node1, node2 and node3". */
export function hostNotOffered(asked: string, hosts: readonly string[]): Reason {
  const text =
    hosts.length === 1
      ? `host: asked ${asked}, and the one offer is of ${listed(hosts)}`
      : `host: asked ${asked}, and none of ${counted(hosts.length, 'offer')} is of it: they are of ${listed(hosts)}`;
  return { code: 'other-host', text };
}

export function gangIncomplete(found: number, asked: number, what: 'node' | 'slot', missing: Reason): Reason {
  return {
    code: 'gang-incomplete',
    text: `${grouped(found)} of ${counted(asked, what)} found, ${grouped(asked - found)} missing: ${missing.text}`,
  };
}

export function launchesInFlight(max: number): Reason {
  return {
    code: 'launches-in-flight',
    text: `${counted(max, 'node')} may be starting at once (launchesInFlightMax), and as many are`,
  };
}

export function gangNext(): Reason {
  return { code: 'gang-next', text: 'another job of several nodes comes first' };
}

interface Short {
  readonly kind: ResourceKind;
  readonly asked: number;
  readonly left: number;
  readonly allowed: number;
  /** Whether it is not the configuration but the role's quota that allows no more. */
  readonly by: RoleLimit | null;
}

export function safeAllocationShort({ kind, asked, left, allowed, by }: Short): Reason {
  return {
    code: `${by?.code ?? 'safe-allocation'}-${kindName(kind)}`,
    text:
      `${limitName(by)}: ${kindName(kind)} asked ${amount(kind, asked)}, ` +
      `${amount(kind, Math.max(0, left))} left of ${amount(kind, allowed)}, short by ${amount(kind, asked - left)}`,
  };
}

function limitName(by: RoleLimit | null): string {
  return by?.name ?? 'safeAllocation';
}

export function safeAllocationNodes(asked: number, left: number, allowed: number): Reason {
  const free = Math.max(0, left);
  return {
    code: 'safe-allocation-nodes',
    text:
      `safeAllocation: nodes asked ${grouped(asked)}, ${grouped(free)} left of ${grouped(allowed)}, ` +
      `short by ${grouped(asked - left)}`,
  };
}

// Why an agent's offer does not do.

/** "memory: asked 65,536 MiB, offer had 48,000, short by 17,536, agent a7". */
export function offerShort(kind: ResourceKind, asked: number, had: number, agentId: string): Reason {
  const value = (n: number): string => grouped(kind === 'cpuMilli' ? n / 1000 : n);
  return {
    code: `short-${kindName(kind)}`,
    text:
      `${kindName(kind)}: asked ${amount(kind, asked)}, offer had ${value(had)}, ` +
      `short by ${value(asked - had)}, agent ${agentId}`,
  };
}

export function npMaxShort(asked: number, npMax: number): Reason {
  return {
    code: 'short-np',
    text: `slots: asked ${grouped(asked)} on one node, npMax is ${grouped(npMax)}, short by ${grouped(asked - npMax)}`,
  };
}

export function hostNotAsked(asked: string, host: string): Reason {
  return { code: 'other-host', text: `host: asked ${asked}, offer is of ${host}` };
}

export function propertyMissing(property: string, agentId: string): Reason {
  return { code: 'no-property', text: `property ${property}: agent ${agentId} does not have it` };
}

export function maintenanceAhead(inMs: number, walltimeMs: number | null, agentId: string): Reason {
  const need = walltimeMs === null ? 'the walltime is not known' : `the walltime is ${seconds(walltimeMs)}`;
  return {
    code: 'maintenance',
    text: `maintenance of agent ${agentId} begins in ${seconds(Math.max(0, inMs))}, ${need}`,
  };
}

export function agentHasNode(nodeName: string, taskId: string): Reason {
  return { code: 'one-mom-per-agent', text: `${nodeName} already has task ${taskId}; one mom per agent` };
}

export function nodeNameKnown(nodeName: string): Reason {
  return { code: 'name-taken', text: `pbs_server already has a node ${nodeName}; it is not touched` };
}

export function hostUnusable(host: string): Reason {
  return { code: 'host-name', text: `host name ${quoted(host)} cannot name a node` };
}

export function noPorts(agentId: string): Reason {
  return { code: 'no-ports', text: `ports: asked 2 for the mom, the offer of agent ${agentId} has fewer` };
}

export function agentBacksOff(trouble: AgentTrouble, untilMs: number, nowMs: number): Reason {
  return {
    code: 'agent-backs-off',
    text:
      `${grouped(trouble.failures)} failed in a row on agent ${trouble.agentId}, lastly ` +
      `${quoted(trouble.lastMessage)}; tried again in ${seconds(untilMs - nowMs)}`,
  };
}

export function agentQuarantined(
  { agentId, failures, untilMs, evidence }: Quarantine,
  nowMs: number,
): Reason {
  const words = grouping(evidence).map(
    ({ message, atMs }) => `${atMs.map((at) => seconds(nowMs - at)).join(', ')} ago ${quoted(message)}`,
  );
  return {
    code: 'agent-quarantined',
    text:
      `agent ${agentId} is in quarantine: ${grouped(failures)} launches failed there in a row (${words.join(', ')}); ` +
      `one is tried again in ${seconds(untilMs - nowMs)}`,
  };
}

/** Failures in a row that say the same, each with its times. */
function grouping(evidence: Quarantine['evidence']): readonly { message: string; atMs: readonly number[] }[] {
  const groups: { message: string; atMs: number[] }[] = [];
  for (const { atMs, message } of evidence) {
    const last = groups.at(-1);
    if (last?.message === message) last.atMs.push(atMs);
    else groups.push({ message, atMs: [atMs] });
  }
  return groups;
}

// What is done with offers.

export function launchFor(jobs: readonly string[], np: number): Reason {
  return { code: 'launch-for-jobs', text: `a node of ${counted(np, 'slot')} for ${listed(jobs)}` };
}

export function launchForFloor(floor: number): Reason {
  return { code: 'launch-for-floor', text: `one of ${counted(floor, 'node')} that are held at least` };
}

export function heldForGang(jobId: string, why: Reason): Reason {
  return { code: 'held-for-gang', text: `held for ${jobId}: ${why.text}` };
}

export function letGo(jobId: string, heldMs: number, why: Reason): Reason {
  return {
    code: 'gang-let-go',
    text: `let go after ${seconds(heldMs)}, ${jobId} could not be completed: ${why.text}`,
  };
}

export function heldUntilRead(): Reason {
  return { code: 'held-until-read', text: 'held until queue, nodes and tasks have been read' };
}

export function notReadInTime(): Reason {
  return { code: 'not-read-in-time', text: 'what jobs wait for could not be read in time' };
}

export function heldUntilConnected(): Reason {
  return { code: 'mesos-disconnected', text: 'nothing can be said about it until Mesos hears us' };
}

/** `atLimit`: something waits, for the safe allocation or the quota alone. */
export function noUse(atLimit: boolean): Reason {
  const text = atLimit
    ? 'what may be held (safe allocation, quota) is used up: what waits cannot be given a node'
    : 'no job waits for nodes, and as many are held as are wanted';
  return { code: 'no-demand', text };
}

export function othersTaken(need: string): Reason {
  return { code: 'not-chosen', text: `other offers serve better what ${need} waits for` };
}

export function unfitFor(need: string, why: Reason): Reason {
  return { code: why.code, text: `${need}: ${why.text}` };
}

export function nothingToAsk(atLimit: boolean): Reason {
  const text = atLimit
    ? 'what may be held (safe allocation, quota) is used up: Mesos need not offer anything'
    : 'no job needs more nodes than are there or on their way: Mesos need not offer anything';
  return { code: 'idle', text };
}

export function offersWanted(need: string): Reason {
  return { code: 'offers-wanted', text: `${need} waits for nodes: Mesos is asked for offers anew` };
}

export function declinedWanted(
  { who, agentId, untilMs }: { readonly who: string; readonly agentId: string; readonly untilMs: number },
  nowMs: number,
): Reason {
  const left = Math.ceil((untilMs - nowMs) / 1000);
  return {
    code: 'declined-wanted',
    text: `${who} fits on agent ${agentId}, which was declined for others and would come back in ${left} s: Mesos is asked for offers anew`,
  };
}

export function nodeWaitsForCycle(node: string, jobId: string): Reason {
  return {
    code: 'node-free',
    text: `${node} is free and ${jobId} fits; pbs_sched does not notice by itself`,
  };
}

function kindName(kind: ResourceKind): string {
  switch (kind) {
    case 'cpuMilli':
      return 'cpus';
    case 'memMib':
      return 'memory';
    case 'diskMib':
      return 'disk';
    case 'gpus':
      return 'gpus';
    default:
      return unreachable(kind);
  }
}

/** At most four names, then how many more. */
function listed(names: readonly string[]): string {
  if (names.length <= 4) return names.join(', ');
  return `${names.slice(0, 3).join(', ')} and ${counted(names.length - 3, 'other')}`;
}
